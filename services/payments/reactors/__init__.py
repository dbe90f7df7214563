"""Facts, foreign or own, that make payments act: `checks.py` charges and posts; `obstacles.py` says what holds one."""

from typing import Final

from services.payments.reactors.checks import (
    APPLY_WAITING,
    CHARGE,
    CHARGE_SELF_PAY,
    POST_CHECK,
    RETRY_HELD,
    RETRY_HELD_BY_NUMBER,
)

REACTIONS: Final = (CHARGE, CHARGE_SELF_PAY, POST_CHECK, APPLY_WAITING, RETRY_HELD, RETRY_HELD_BY_NUMBER)
