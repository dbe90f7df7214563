"""Which editions of code sets are in force: one row per edition."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shared.events.coding import CodeSetEditionLoaded
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """One edition."""

    system: str
    release: str
    effective_from_on: date
    effective_to_on: date | None
    sha256: str
    source: str
    loaded_at: datetime


def keys(event: CodeSetEditionLoaded) -> tuple[str, ...]:
    """Return the edition whose row a fact touches."""
    return (f"{event.system}/{event.release}/{event.sha256}",)


def apply(_: EditionRow | None, event: CodeSetEditionLoaded) -> EditionRow:
    """Return the row of the edition after a fact."""
    return EditionRow(
        system=event.system,
        release=event.release,
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
        sha256=event.sha256,
        source=event.source,
        loaded_at=event.loaded_at,
    )


CODE_SET_EDITIONS: Final[Projection[EditionRow, CodeSetEditionLoaded]] = Projection(
    name="code_set_editions",
    version=1,
    source="own",
    row=EditionRow,
    events=(CodeSetEditionLoaded,),
    keys=keys,
    apply=apply,
    filters=("system",),
)
