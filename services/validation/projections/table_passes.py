"""How often everything that lacked a table was scrubbed again, since it is here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.validation.domain.table_pass import TablePassEnded
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePass:
    """One row: the last pass that ended."""

    pass_no: int
    ended_at: datetime


def keys(event: TablePassEnded) -> tuple[str, ...]:
    """Return the table."""
    return (event.sha256,)


def apply(_: TablePass | None, event: TablePassEnded) -> TablePass:
    """Return the pass."""
    return TablePass(pass_no=event.pass_no, ended_at=event.ended_at)


TABLE_PASS_ROWS: Final[Projection[TablePass, TablePassEnded]] = Projection(
    name="table_passes",
    version=1,
    source="own",
    row=TablePass,
    events=(TablePassEnded,),
    keys=keys,
    apply=apply,
)
