"""How far facts are applied that somebody waits for, asked of PostgreSQL.

Owns: one question as of one moment, so that a record that parks is never missed between two. Refuses: waiting
(`consistency.py`).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import asyncpg

from shared.runtime.store import OWN, Applied, Checkpoint, Place, Sought

_APPLIED: Final = (
    "with sought as (select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[])"
    "  with ordinality as sought (tenant_id, topic, partition, first, last, n))"
    " select 'own', null as topic, null as partition, store_id::text, incarnation, least(position,"
    "  (select min(position) from projected where name = any($6::text[]) and broken is null)) from store_head"
    " union all select 'checkpoint', topic, partition, store_id, incarnation, position from checkpoint"
    "  where topic <> 'own' and (topic, partition) in (select topic, partition from sought)"
    " union all select 'parked', null, null, null, null, n from sought where exists (select 1 from parked as p"
    "  where p.topic = sought.topic and p.partition = sought.partition and p.position between first and last"
    "  and p.tenant_id = sought.tenant_id)"
)


async def applied(
    fetch: Callable[..., Awaitable[list[asyncpg.Record]]], sought: Sequence[Sought], own_tables: Sequence[str]
) -> Applied:
    """Return what `Store.applied` does."""
    checkpoints: dict[Place, Checkpoint] = {}
    parked = set()
    for what, topic, partition, store_id, incarnation, number in await fetch(
        _APPLIED,
        [each.tenant_id for each in sought],
        [each.place[0] for each in sought],
        [each.place[1] for each in sought],
        [each.first for each in sought],
        [each.last for each in sought],
        own_tables,
    ):
        if what == "parked":
            parked.add(number - 1)  # an ordinality begins at 1
            continue
        place = OWN if what == "own" else (topic, partition)
        checkpoints[place] = Checkpoint(next_offset=number, store_id=store_id, incarnation=incarnation, position=number)
    return Applied(checkpoints, frozenset(parked))
