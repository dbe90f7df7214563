"""The lending service with nothing that may run in a replay: each reaction, effect, poll and timer fails on any call.

python -m shared.runtime.operate tests.support.inert replay
"""

from dataclasses import replace
from typing import NoReturn

from shared.kernel.reaction import Reaction
from shared.runtime.definition import Service
from shared.runtime.effects import Effect, Poll, Timer
from shared.runtime.settings import RuntimeSettings
from tests.support.lending import LEND_TO_DONOR, RETURN_BAD, CardIssued, lending

PREFIX = "CLAIMLOG_LENDING_"


class Acted(AssertionError):
    """Something ran that must not."""


def _fail(*_: object) -> NoReturn:
    raise Acted


async def _act(*_: object) -> NoReturn:
    raise Acted


def inert(settings: RuntimeSettings) -> Service:
    """Return the service."""
    reactions = tuple(
        Reaction(name=each.name, on=each.on, needs=_fail, react=_fail) for each in (LEND_TO_DONOR, RETURN_BAD)
    )
    tell = Effect(name="tell", on=CardIssued, attempt=_fail, act=_act, probe=_act)
    outside = (tell, Poll(name="look", every_seconds=0.1, fetch=_fail), Timer(name="due", every_seconds=0.1, due=_fail))
    return replace(lending(), settings=settings, reactions=reactions, effects=outside)


def configured() -> Service:
    """Return the service that the environment describes."""
    return inert(RuntimeSettings.read(PREFIX))
