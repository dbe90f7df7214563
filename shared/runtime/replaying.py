"""What `claimlog replay` is asked: which read models, from where, how far, and what becomes of the result.

Owns: the choice, and the side table of a read model as it was. Refuses: reacting, acting, publishing: nothing here
knows how. Next: `rebuild.py` replaces what serves, `comparing.py` compares with it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from shared.kernel.errors import Malformed
from shared.kernel.projection import AnyProjection
from shared.runtime.comparing import compare
from shared.runtime.engine import Engine
from shared.runtime.folding import Folding, Sink, fold_all, undisturbed, untaken
from shared.runtime.hosting import open_log
from shared.runtime.log import Log
from shared.runtime.past import End, Past, Reached
from shared.runtime.postgres import BY_KEY, unavailable
from shared.runtime.progress import Progress
from shared.runtime.read_models import definitions
from shared.runtime.rebuild import Replayed, Source, alone, replay, store_of
from shared.runtime.store import table_name
from shared.runtime.verify.read_models import chosen


class PositionOfOthers(Malformed):
    """A position counts the facts of one store; a read model over facts of others is asked for as of a moment."""

    slug = "position-of-others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to do.

    **Shape**: no names: all read models; `to_position` or `as_of`: a side table is filled, and nothing is swapped;
    `dry_run`: nothing is changed, differences are counted.
    """

    names: Sequence[str] = ()
    source: Source = "store"
    to_position: int | None = None
    as_of: datetime | None = None
    dry_run: bool = False


async def replay_asked(engine: Engine, asked: Asked, progress: Progress) -> tuple[Mapping[str, Any], ...]:
    """Do what is asked, one read model after another; return what became of each.

    **Errors**: `UnknownReadModel`, `PositionOfOthers`, those of `rebuild.py`, `comparing.py` and `past.py`.
    """
    projections = _asked_for(engine, asked)
    async with AsyncExitStack() as stack:
        log = None
        if asked.source == "topics" or any(each.source == "foreign" for each in projections):
            log = await stack.enter_async_context(open_log(engine.service.settings.log_url))
        return tuple([await _replayed(engine, log, each, asked, progress) for each in projections])


def _asked_for(engine: Engine, asked: Asked) -> Sequence[AnyProjection]:
    projections = chosen(engine, frozenset(asked.names))
    others = [each.name for each in projections if each.source == "foreign"]
    if asked.to_position is not None and others:
        raise PositionOfOthers(f"facts of others have no position here; use --as-of, or leave out {', '.join(others)}")
    return projections


async def _replayed(
    engine: Engine, log: Log | None, projection: AnyProjection, asked: Asked, progress: Progress
) -> Mapping[str, Any]:
    started = monotonic()
    if asked.dry_run:
        found = await compare(engine, log, projection, progress, from_topics=asked.source == "topics")
        lasted = monotonic() - started
        return {
            "name": projection.name,
            "version": projection.version,
            "source": asked.source,
            "generation": None,
            "events": found.events,
            "rows": found.rows,
            "seconds": round(lasted, 3),
            "events_per_second": round(found.events / lasted),
            "swap_seconds": None,
            "differences": found.differences,
            "first_difference": found.first_difference,
            "table": None,
        }
    aside = asked.to_position is not None or asked.as_of is not None
    done = await (replay_aside if aside else _replay)(engine, log, projection, asked, progress)
    return {**asdict(done), "differences": None, "first_difference": None}


async def _replay(
    engine: Engine, log: Log | None, projection: AnyProjection, asked: Asked, progress: Progress
) -> Replayed:
    return await replay(engine, log, projection, progress, source=asked.source)


async def replay_aside(
    engine: Engine, log: Log | None, projection: AnyProjection, asked: Asked, progress: Progress
) -> Replayed:
    """Fill a side table with a read model as it was at a position or a moment; it stays until somebody drops it.

    **Errors**: those of `past.py`, `FactNotFolded`, `ReplayRunning`, `StoreUnavailable`.
    """
    store, table = store_of(engine), side_table(projection, asked)
    started = monotonic()
    with unavailable(f"the store of {engine.service.name}"), undisturbed():
        async with (
            store.apart() as writing,
            store.apart() as reading,
            store.apart(BY_KEY) as looking,
            alone(writing, table),
        ):
            table_made, *indexes = definitions(projection, table)
            await writing.execute(f"drop table if exists {table}")
            await writing.execute(table_made)
            past = Past(engine, log, projection, reading, from_topics=asked.source == "topics", until=asked.as_of)
            end = await past.end(writing)
            if asked.to_position is not None:
                end = End(position=min(end.position, asked.to_position))
            total, reached = end.left(Reached()), Reached()

            def passed(now: Reached) -> None:
                nonlocal reached
                reached = now
                progress(projection.name, total - end.left(now), total)

            folded = untaken(projection)
            sink = Sink(writing, folded, table, looking)
            folding = Folding(folded, engine.vault, sink, is_empty=True)
            await fold_all(past.chunks(reached, end), folding, sink, passed)
            for statement in indexes:
                await writing.execute(statement)
            rows = await writing.fetchval(f"select count(*) from {table}")  # noqa: S608 (a name of ours)
    lasted = monotonic() - started
    return Replayed(
        name=projection.name,
        version=projection.version,
        source=asked.source,
        generation=None,
        events=reached.events,
        rows=rows,
        seconds=round(lasted, 3),
        events_per_second=round(reached.events / lasted),
        swap_seconds=None,
        table=table,
    )


def side_table(projection: AnyProjection, asked: Asked) -> str:
    """Return the table that holds a read model as it was."""
    if asked.as_of is not None:
        return f"{table_name(projection)}_at_{asked.as_of.astimezone(UTC):%Y%m%d_%H%M%S_%f}"
    return f"{table_name(projection)}_at_{asked.to_position}"
