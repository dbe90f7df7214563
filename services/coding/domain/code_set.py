"""A code set: which of its editions are in force here.

Owns: publishing each edition once. Refuses: the tables themselves (`shared/codesets`). Next: `effects.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.codesets.edition import Edition
from shared.events.coding import CodeSetEditionLoaded
from shared.kernel.decider import Decider

Loaded = frozenset[tuple[str, str]]
"""Release and hash of each edition that was published: the same release with other bytes is another edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadEdition:
    """Say that an edition is in force. Repeated at every start, so that it must be cheap to find nothing new."""

    edition: Edition
    now: datetime


def decide(loaded: Loaded, command: LoadEdition) -> tuple[CodeSetEditionLoaded, ...]:
    """Return the edition, none where it was published before."""
    edition = command.edition
    if (edition.release, edition.sha256) in loaded:
        return ()
    return (
        CodeSetEditionLoaded(
            system=edition.system,
            release=edition.release,
            effective_from_on=edition.effective_from,
            effective_to_on=edition.effective_to,
            sha256=edition.sha256,
            source=edition.source,
            licence_acknowledged=None,
            loaded_at=command.now,
        ),
    )


def evolve(loaded: Loaded, event: CodeSetEditionLoaded) -> Loaded:
    """Return the editions after a stored fact."""
    return loaded | {(event.release, event.sha256)}


def stream(command: LoadEdition) -> str:
    """Return the history that a command is decided on: one per code set."""
    return f"code_set-{command.edition.system}"


CODE_SETS: Final[Decider[Loaded, LoadEdition, CodeSetEditionLoaded]] = Decider(
    commands=(LoadEdition,),
    events=(CodeSetEditionLoaded,),
    stream=stream,
    initial=frozenset(),
    decide=decide,
    evolve=evolve,
)
