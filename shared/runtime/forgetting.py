"""What idempotency keys were answered with, and operations that ended, are kept for 30 days.

Lines whose sender broke off before they were an operation are kept for a day: nobody can ask for them.

Owns: how long, and forgetting. Refuses: natural keys of money: those are reserved names, which are kept for ever.
"""

import asyncio
from datetime import timedelta
from typing import Final

from shared.runtime.clock import now
from shared.runtime.engine import Engine

ANSWERS_KEPT: Final = timedelta(days=30)
_BROKEN_OFF_KEPT: Final = timedelta(days=1)
_ROWS_MAX: Final = 5_000
_LOOK_SECONDS: Final = 3_600


async def forget_old_answers(engine: Engine) -> None:
    """Forget old answers, for ever: at once, then every hour. **Errors**: `StoreUnavailable`."""
    while True:
        await forgotten(engine)
        at = now()
        await engine.store.operations.forget(ended_before=at - ANSWERS_KEPT, sent_before=at - _BROKEN_OFF_KEPT)
        await asyncio.sleep(_LOOK_SECONDS)


async def forgotten(engine: Engine, *, rows_max: int = _ROWS_MAX) -> int:
    """Forget what is old now, in short transactions; return how many answers it was. **Errors**: `StoreUnavailable`."""
    before, count = now() - ANSWERS_KEPT, 0
    while found := await engine.store.forget_answers(before, rows_max=rows_max):
        count += found
    return count
