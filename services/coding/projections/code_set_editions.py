"""Which editions of code sets are in force: one row per edition, also of those whose place another took."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from services.coding.domain.code_set import CodeSetFact, CodeTableKept
from shared.events.coding import LoadedFile
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """One edition. **Shape**: `replaced_by` is the hash of the edition that took its place, None while in force."""

    system: str
    release: str
    effective_from_on: date
    effective_to_on: date | None
    sha256: str
    packed_sha256: str | None
    source: str
    loaded_at: datetime
    licence_acknowledged: str | None
    is_starter: bool
    is_complete: bool
    files: tuple[LoadedFile, ...]
    rows: int | None
    rejected_rows: int
    replaced_by: str | None = None


def keys(event: CodeSetFact) -> tuple[str, ...]:
    """Return the editions whose rows a fact touches."""
    if isinstance(event, CodeTableKept):
        return (f"{event.system}/{event.sha256}",)
    replaced = () if event.replaces is None else (f"{event.system}/{event.replaces}",)
    return (f"{event.system}/{event.sha256}", *replaced)


def apply(row: EditionRow | None, event: CodeSetFact) -> EditionRow | None:
    """Return the row of an edition after a fact."""
    if isinstance(event, CodeTableKept):
        return replace(row, packed_sha256=event.packed_sha256) if row else None
    if row is not None and row.sha256 != event.sha256:
        return replace(row, replaced_by=event.sha256)
    return EditionRow(
        system=event.system,
        release=event.release,
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
        sha256=event.sha256,
        packed_sha256=event.packed_sha256,
        source=event.source,
        loaded_at=event.loaded_at,
        licence_acknowledged=event.licence_acknowledged,
        is_starter=event.is_starter,
        is_complete=event.is_complete,
        files=event.files,
        rows=event.rows,
        rejected_rows=event.rejected_rows,
    )


CODE_SET_EDITIONS: Final[Projection[EditionRow, CodeSetFact]] = Projection(
    name="code_set_editions",
    version=3,
    source="own",
    row=EditionRow,
    events=members(CodeSetFact),
    keys=keys,
    apply=apply,
    filters=("system",),
)
