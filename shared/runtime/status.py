"""Where a service stands: how far facts got, who works, what is stuck, what waits for what and since when.

Owns: the questions, asked of the store and the log from outside, so that they are answered whether or not the service
runs. Refuses: judging (`doctor.py`), changing anything. A log that is away leaves its part of the answer empty.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import asyncpg
from msgspec import to_builtins

from shared.kernel.errors import Unavailable
from shared.runtime import clock
from shared.runtime.definition import Worklist
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.intents import open_intents
from shared.runtime.locks import JOBS, taken
from shared.runtime.log import Log, LogUnavailable, topic_of
from shared.runtime.postgres import connect, unavailable
from shared.runtime.store import OWN, Head, Place, table_name
from shared.runtime.topics import next_offset
from shared.runtime.verify.last import last
from shared.runtime.wire import arrived

_LOG_SECONDS_MAX: Final = 15
_MINUTES_SHOWN: Final = 15
_MINUTES_OF_AN_HOUR: Final = 60
_WAITING_ROWS_MAX: Final = 10_000
_PAGE: Final = 500


async def standing(engine: Engine, *, log_seconds_max: float = _LOG_SECONDS_MAX) -> Mapping[str, Any]:
    """Return everything about where a service stands. **Units**: seconds, facts, records. **Errors**: `Unavailable`."""
    now = clock.now()
    head = await engine.store.head()
    connection = await connect(engine.service.settings.database_url)
    try:
        with unavailable(f"the store of {engine.service.name}"):
            workers = await taken(connection, JOBS)
            found = {
                "asked_at": now,
                "position": head.position,
                "incarnation": head.incarnation,
                "facts_per_second": await _rates(connection, head, now),
                "jobs": {name: name in workers for name in JOBS},
                "relay": await _relay(engine, head, now),
                "own_facts": await _own_facts(engine, connection, now),
                "topics": await _topics(engine, connection, now, log_seconds_max),
                "effects": await _effects(engine, head),
                "parked": await _parked(connection),
                "read_models": await _read_models(engine, connection, head),
                "waiting": await waiting(engine),
                "verified": await last(connection),
            }
    finally:
        await connection.close()
    plain: Mapping[str, Any] = to_builtins(found)
    return plain


async def _rates(connection: asyncpg.Connection, head: Head, now: datetime) -> Mapping[str, Any]:
    """Return how fast facts were added: in all, and in each of the last minutes, the oldest first."""
    ago = [*range(_MINUTES_SHOWN, 0, -1), _MINUTES_OF_AN_HOUR]
    *minutes, hour = await _positions_at(connection, head, [now - timedelta(minutes=each) for each in ago])
    return {
        "last_minute": round((head.position - minutes[-1]) / 60, 3),
        "last_hour": round((head.position - hour) / 3_600, 3),
        "by_minute": [round((to - since) / 60, 3) for since, to in pairwise((*minutes, head.position))],
    }


async def _positions_at(connection: asyncpg.Connection, head: Head, instants: Sequence[datetime]) -> list[int]:
    """Return up to which position facts were there: positions follow time, so all are looked up by halving, at once."""
    low, high = [0] * len(instants), [head.position] * len(instants)
    while low != high:
        middles = [(first + last) // 2 for first, last in zip(low, high, strict=True)]
        rows = await connection.fetch(
            "select position, recorded_at from events where position = any($1)", [each + 1 for each in middles]
        )
        recorded = {row["position"]: row["recorded_at"] for row in rows}
        for n, middle in enumerate(middles):
            at = recorded.get(middle + 1)
            if low[n] < high[n] and (at is None or at > instants[n]):
                high[n] = middle
            elif low[n] < high[n]:
                low[n] = middle + 1
    return low


async def _relay(engine: Engine, head: Head, now: datetime) -> Mapping[str, Any]:
    position, _ = await engine.store.relayed()
    following = await engine.store.events(position, events_max=1)
    return {
        "position": position,
        "behind": head.position - position,
        "seconds": _seconds(following[0].recorded_at, now) if following else 0.0,
    }


async def _own_facts(engine: Engine, connection: asyncpg.Connection, now: datetime) -> Mapping[str, Any]:
    """Return how far reactions on own facts are; only what somebody reacts to counts."""
    position = (await engine.store.checkpoint(OWN)).position
    (row,) = await connection.fetch(
        "select count(*) as behind, min(recorded_at) as since from events where position > $1 and type = any($2)",
        position,
        [event.__name__ for event in engine.wiring.own_reactions],
    )
    seconds = _seconds(row["since"], now) if row["since"] else 0.0
    return {"position": position, "behind": row["behind"], "seconds": seconds}


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 3))


async def _topics(
    engine: Engine, connection: asyncpg.Connection, now: datetime, log_seconds_max: float
) -> Mapping[str, Any]:
    """Return how far the topics of others were read; what the log says about it only while it answers."""
    settings = engine.service.settings
    names = [topic_of(settings.topic_prefix, each, public=True) for each in engine.wiring.foreign_producers]
    try:
        async with asyncio.timeout(log_seconds_max), open_log(settings.log_url) as log:
            places = [(topic, n) for topic in names for n in range(await log.partitions(topic))]
            read_by = await taken(connection, [f"{topic}/{n}" for topic, n in places])
            partitions = [await _partition(engine, log, place, now) for place in places]
    except (TimeoutError, Unavailable) as error:
        slug = error.slug if isinstance(error, Unavailable) else LogUnavailable.slug
        return {"log": slug, "partitions": None, "behind": None, "seconds": None, "read": None}
    return {
        "log": "answers",
        "partitions": [each for each in partitions if each["behind"] or not each["read_to"]],
        "behind": sum(each["behind"] for each in partitions),
        "seconds": max((each["seconds"] for each in partitions), default=0.0),
        "read": {"by_somebody": len(read_by), "of": len(places)},
    }


async def _partition(engine: Engine, log: Log, place: Place, now: datetime) -> dict[str, Any]:
    checkpoint = await engine.store.checkpoint(place)
    behind = max(0, await next_offset(log, place) - checkpoint.next_offset)
    record = await log.record(place, checkpoint.next_offset) if behind else None
    fact = arrived(record) if record else None
    return {
        "topic": place[0],
        "partition": place[1],
        "read_to": checkpoint.next_offset,
        "behind": behind,
        "seconds": _seconds(fact.envelope.recorded_at, now) if fact else 0.0,
        "attempts": checkpoint.attempts,
    }


async def _effects(engine: Engine, head: Head) -> Mapping[str, Any]:
    states = Counter(intent.state for intent in await open_intents(engine))
    return {
        "held": head.effects_held,
        "not_attempted": states["not-attempted"],
        "without_result": states["attempted"],
    }


async def _parked(connection: asyncpg.Connection) -> Mapping[str, Any]:
    rows = await connection.fetch(
        "select cause, count(*) as count, min(parked_at) as since from parked group by cause order by 2 desc, 1"
    )
    return {
        "count": sum(row["count"] for row in rows),
        "since": min((row["since"] for row in rows), default=None),
        "by_cause": {row["cause"]: row["count"] for row in rows},
        "locked_streams": await connection.fetchval("select count(*) from locked_stream"),
    }


async def _read_models(engine: Engine, connection: asyncpg.Connection, head: Head) -> list[Mapping[str, Any]]:
    stored = await connection.fetch(
        "select p.name, p.position, p.broken, p.generation, r.events as rebuilt"
        " from projected p left join rebuild r on r.name = p.name"
    )
    rows = {row["name"]: row for row in stored}
    found: list[Mapping[str, Any]] = []
    for projection in engine.service.projections:
        row = rows.get(table_name(projection))
        position = row["position"] if row and projection.source == "own" else None
        found.append(
            {
                "name": projection.name,
                "version": projection.version,
                "source": projection.source,
                "position": position,
                "behind": None if position is None else head.position - position,
                "broken": row["broken"] if row else None,
                "generation": row["generation"] if row else None,
                "rebuilt": row["rebuilt"] if row else None,
            }
        )
    return found


async def waiting(engine: Engine) -> list[Mapping[str, Any]]:
    """Return how many rows wait for which kind of fact, and since when the first of them does."""
    counted: Counter[tuple[str, str]] = Counter()
    since: dict[tuple[str, str], datetime] = {}
    for name, worklist in engine.service.worklists.items():
        if not worklist.missing:
            continue
        for row in await _rows(engine, worklist):
            at: datetime = getattr(row, worklist.since)
            for kind in {thing.partition("/")[0] for thing in getattr(row, worklist.missing)}:
                counted[name, kind] += 1
                since[name, kind] = min(at, since.get((name, kind), at))
    return [
        {"worklist": name, "missing": kind, "count": count, "since": since[name, kind]}
        for (name, kind), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


async def _rows(engine: Engine, worklist: Worklist) -> list[Any]:
    found: list[Any] = []
    for tenant_id in await engine.tenants():
        after: str | None = None
        while len(found) < _WAITING_ROWS_MAX:
            page = await engine.page(worklist.projection, tenant_id, where=worklist.where, after=after, page_size=_PAGE)
            found += page.items
            after = page.next
            if after is None:
                break
    return found
