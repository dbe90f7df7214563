"""A code set: which of its editions are in force here.

Owns: publishing each edition once, and that no two loaded ones answer for the same day; a table whose file was lost is
kept again when it is loaded again, and no edition is published for it. Refuses: the tables themselves
(`shared/codesets`). Next: `effects.py` for the starters, `api.py` for what a user loads.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar, Final, TypeAlias

from msgspec import Meta, structs

from shared.codesets.edition import Edition, Interval
from shared.codesets.library import EditionsOverlap
from shared.events.coding import CodeSetEditionLoaded, LoadedFile
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected
from shared.kernel.unions import members


class CodeTableKept(Event, frozen=True, kw_only=True):
    """The table of an edition lies among the files again, where it was lost. **Moment**: loaded again.

    **Key**: `system`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "system"
    system: Annotated[str, Meta(description="Which code set.", examples=["icd10cm"])]
    sha256: Annotated[str, Meta(description="The table, by its hash as it is mapped.", examples=["0" * 64])]
    packed_sha256: Annotated[str, Meta(description="The table as the stored file, packed.", examples=["0" * 64])]
    kept_at: Instant


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
    the code set asks for; None: nothing. `replaces` is the hash of the edition whose place it takes. `is_lost`: the
    edition is known, but its file is not there any more.
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
    is_lost: bool = False


CodeSetFact: TypeAlias = CodeSetEditionLoaded | CodeTableKept
Command: TypeAlias = LoadEdition | LoadTable


def decide(loaded: Loaded, command: Command) -> tuple[CodeSetFact, ...]:
    """Return the edition, none where it was published before; that its table is kept again where that was lost.

    **Errors**: `LicenceNotAccepted`, `NothingToReplace`, `EditionsOverlap`.
    """
    edition = command.edition
    if any((held.release, held.sha256) == (edition.release, edition.sha256) for held in loaded):
        return _kept(command) if isinstance(command, LoadTable) and command.is_lost else ()
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


def _kept(command: LoadTable) -> tuple[CodeTableKept]:
    edition = command.edition
    return (
        CodeTableKept(
            system=edition.system, sha256=edition.sha256, packed_sha256=command.packed_sha256, kept_at=command.now
        ),
    )


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


def evolve(loaded: Loaded, event: CodeSetFact) -> Loaded:
    """Return the editions after a stored fact."""
    if isinstance(event, CodeTableKept):
        return loaded
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


CODE_SETS: Final[Decider[Loaded, Command, CodeSetFact]] = Decider(
    commands=(LoadEdition, LoadTable),
    events=members(CodeSetFact),
    stream=stream,
    initial=(),
    decide=decide,
    evolve=evolve,
)
