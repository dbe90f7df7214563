"""What coding does by the clock: at start, and every hour, say which code-set editions are in force.

Only the first time adds a fact; the repeat is there for a tenant who came later.
"""

from collections.abc import AsyncIterator
from typing import Final

from services.coding.domain.code_set import LoadEdition
from shared.codesets.edition import Edition
from shared.runtime.effects import Outside, Round, Timer, Work

EVERY_SECONDS: Final = 3_600


def load_editions(editions: tuple[Edition, ...]) -> Timer:
    """Return the timer that publishes editions; one unit for all, so that they are there together."""

    async def due(outside: Outside) -> AsyncIterator[Round]:
        now = outside.now()
        if editions:
            yield (Work(commands=tuple(LoadEdition(edition=edition, now=now) for edition in editions)),)

    return Timer(name="load_editions", every_seconds=EVERY_SECONDS, due=due)
