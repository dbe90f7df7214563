"""Read models against the fold of their facts, row by row; each in a snapshot of its own (`comparing.py`).

Owns: what a comparison comes to. Refuses: folding. A read model follows its facts in one transaction, or remembers how
far it is: so each may be looked at as of its own moment.
"""

from collections.abc import Sequence

from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.comparing import compare
from shared.runtime.engine import Engine
from shared.runtime.folding import FactNotFolded
from shared.runtime.log import Log, LogUnavailable, OffsetGone
from shared.runtime.past import LogNeeded
from shared.runtime.progress import Progress
from shared.runtime.store import ProjectionBroken, table_name
from shared.runtime.verify.finding import About, Finding


class UnknownReadModel(NotFound):
    """The service has no read model of this name."""

    slug = "unknown-read-model"


def chosen(engine: Engine, names: frozenset[str]) -> Sequence[AnyProjection]:
    """Return the read models of some names, all where none is given. **Errors**: `UnknownReadModel`."""
    projections = engine.service.projections
    known = [each.name for each in projections]
    if not names.issubset(known):
        raise UnknownReadModel(f"{engine.service.name} has no such read model; it has {', '.join(known)}")
    return [each for each in projections if not names or each.name in names]


async def check_read_model(engine: Engine, log: Log | None, projection: AnyProjection, progress: Progress) -> Finding:
    """Return whether a read model is what its facts say."""
    about = About(name=f"read-model {projection.name}", about=f"{table_name(projection)} is the fold of its facts.")
    try:
        found = await compare(engine, log, projection, progress)
    except (ProjectionBroken, FactNotFolded, OffsetGone) as error:
        return about.found(f"{error.slug}: {error}", checked=0)
    except LogNeeded:  # it is named, or nothing would have been looked at
        return about.unchecked(f"{LogUnavailable.slug}: the log is away")
    except Unavailable as error:
        return about.unchecked(f"{error.slug}: {error}")
    complaint = f"{found.differences} rows differ, the first is {found.first_difference}" if found.differences else None
    note = f"{found.parked} parked records are in neither" if found.parked else None
    return about.found(complaint, checked=found.rows, left_out=found.parked, note=note)
