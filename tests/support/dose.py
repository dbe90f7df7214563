"""How much of each fault a run gives, and by which chance.

`pytest tests/fault` gives a short dose, `make fault` the full one (CLAIMLOG_FAULTS=full). CLAIMLOG_SEED is the one
integer that load, schedule and sizes follow from; it is printed first and last.
"""

import os
import random
from typing import Final, TypeVar

Amount = TypeVar("Amount")

SEED: Final = int(os.environ.get("CLAIMLOG_SEED", "20260303"))  # noqa: TID251 (a switch of the test run itself)
IS_FULL: Final = os.environ.get("CLAIMLOG_FAULTS") == "full"  # noqa: TID251 (a switch of the test run itself)


def dose(short: Amount, full: Amount) -> Amount:
    """Return how much of a fault this run gives."""
    return full if IS_FULL else short


def chance(what: str) -> random.Random:
    """Return the chance of one test: the same for the same seed, whatever ran before."""
    return random.Random(f"{SEED}/{what}")  # noqa: S311 (a reproducible schedule)
