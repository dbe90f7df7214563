"""Whether rows told as of now are the rows that are stored: then a read model names all streams of its facts."""

from typing import Final

from shared.runtime.engine import Engine
from shared.runtime.history import rows_then
from tests.support.memory import TENANT

_ROWS_MAX: Final = 1_000


async def retold(engine: Engine) -> dict[str, int]:
    """Return how many rows of each read model were told anew from their streams. **Errors**: `AssertionError`."""
    head = await engine.store.head()
    told: dict[str, int] = {}
    for projection in engine.wiring.own_projections:
        if projection.streams is None:
            continue
        found = dict(await engine.store.select(projection, TENANT, where={}, after=None, rows_max=_ROWS_MAX))
        then = await rows_then(engine, projection, TENANT, list(found), head.recorded_at)
        differing = [key for key, row in found.items() if then[key] != row]
        assert not differing, (projection.name, differing)
        told[projection.name] = len(found)
    return told
