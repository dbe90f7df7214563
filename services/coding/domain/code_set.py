"""A code set: which of its editions are in force here.

Owns: publishing each edition once, and that no two loaded ones answer for the same day. Refuses: the tables themselves
(`shared/codesets`). Next: `effects.py` for the starters, `api.py` for what a user loads.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from msgspec import structs

from shared.codesets.edition import Edition, Interval
from shared.codesets.library import EditionsOverlap
from shared.events.coding import CodeSetEditionLoaded, LoadedFile
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected


class LicenceNotAccepted(Rejected):
    """The code set may be used under a licence only, and nobody accepted it."""

    slug = "licence-not-accepted"


class NothingToReplace(Rejected):
    """No loaded edition of this code set has the hash that is to be replaced."""

    slug = "nothing-to-replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An edition that was published: the same release with other bytes is another edition."""

    release: str
    sha256: str
    covers: Interval
    is_starter: bool
    is_replaced: bool = False


Loaded: TypeAlias = tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadEdition:
    """Say that a starter is in force. Repeated at every start, so that it must be cheap to find nothing new."""

    edition: Edition
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTable:
    """Put a table in force that was built from files of its keeper.

    **Shape**: `packed_sha256` is that of the stored file. `licence` is what the user accepted, `licence_needed` what
    the code set asks for; None: nothing. `replaces` is the hash of the edition whose place it takes.
    """

    edition: Edition
    packed_sha256: str
    files: tuple[LoadedFile, ...]
    rows: int
    rejected_rows: int
    licence_needed: str | None
    licence: str | None
    replaces: str | None
    now: datetime


Command: TypeAlias = LoadEdition | LoadTable


def decide(loaded: Loaded, command: Command) -> tuple[CodeSetEditionLoaded, ...]:
    """Return the edition, none where it was published before.

    **Errors**: `LicenceNotAccepted`, `NothingToReplace`, `EditionsOverlap`.
    """
    edition = command.edition
    if any((held.release, held.sha256) == (edition.release, edition.sha256) for held in loaded):
        return ()
    published = CodeSetEditionLoaded(
        system=edition.system,
        release=edition.release,
        effective_from_on=edition.effective_from,
        effective_to_on=edition.effective_to,
        sha256=edition.sha256,
        source=edition.source,
        licence_acknowledged=None,
        loaded_at=command.now,
        is_complete=edition.complete,
    )
    match command:
        case LoadEdition():
            return (published,)
        case LoadTable():
            _refuse(loaded, command)
            return (_official(published, command),)


def _official(published: CodeSetEditionLoaded, command: LoadTable) -> CodeSetEditionLoaded:
    return structs.replace(
        published,
        is_starter=False,
        packed_sha256=command.packed_sha256,
        files=command.files,
        rows=command.rows,
        rejected_rows=command.rejected_rows,
        licence_acknowledged=command.licence,
        replaces=command.replaces,
    )


def _refuse(loaded: Loaded, command: LoadTable) -> None:
    if command.licence_needed is not None and command.licence is None:
        raise LicenceNotAccepted(f"this code set is used under a licence ({command.licence_needed}): accept it first")
    in_force = [held for held in loaded if not held.is_starter and not held.is_replaced]
    if command.replaces is not None and all(held.sha256 != command.replaces for held in in_force):
        raise NothingToReplace("no edition in force has the hash that is to be replaced")
    for held in in_force:
        if held.sha256 != command.replaces and command.edition.covers.meets(held.covers):
            raise EditionsOverlap.of(command.edition, held.release)


def evolve(loaded: Loaded, event: CodeSetEditionLoaded) -> Loaded:
    """Return the editions after a stored fact."""
    before = (
        replace(held, is_replaced=True) if event.replaces is not None and held.sha256 == event.replaces else held
        for held in loaded
    )
    covers = Interval(event.effective_from_on, event.effective_to_on)
    return (
        *before,
        Held(release=event.release, sha256=event.sha256, covers=covers, is_starter=event.is_starter),
    )


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per code set."""
    return f"code_set-{command.edition.system}"


CODE_SETS: Final[Decider[Loaded, Command, CodeSetEditionLoaded]] = Decider(
    commands=(LoadEdition, LoadTable),
    events=(CodeSetEditionLoaded,),
    stream=stream,
    initial=(),
    decide=decide,
    evolve=evolve,
)
