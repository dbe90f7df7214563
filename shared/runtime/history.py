"""Rows of a read model as they stood at an earlier instant: folded anew from the facts recorded up to then.

Owns: which facts those are, and their fold. `recorded_at` never goes back in a store and is the same for all facts of a
unit, so an instant is a position, and no unit is torn. Refuses: facts of other services: when this one heard of them is
no time of theirs, so an answer as of an instant leaves them out. Next: `call.py` asks here for a route.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from shared.events.envelope import Envelope, Event
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.engine import Engine

Row = TypeVar("Row")

_FACTS_MAX: Final = 20_000
_BEFORE_ALL: Final = datetime(1900, 1, 1, tzinfo=UTC)  # at the ends of the calendar other time zones have no day
_AN_INSTANT: Final = "as_of is an instant with its offset, 2026-03-03T15:00:00Z; in an address a + is written %2B"


class BadInstant(Malformed):
    """What an answer is asked as of is no instant: ISO 8601 with its offset."""

    slug = "bad-instant"


class FutureInstant(Malformed):
    """What an answer is asked as of lies ahead: nobody knows yet what will be recorded up to then."""

    slug = "future-instant"


class HistoryTooLong(Rejected):
    """A stream has more facts than one answer may hold, or fold."""

    slug = "history-too-long"


def instant_of(text: str, now: datetime) -> datetime:
    """Return the instant that a text names, in UTC. **Errors**: `BadInstant`, `FutureInstant`."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInstant(_AN_INSTANT) from None
    if instant.tzinfo is None:
        raise BadInstant(_AN_INSTANT)
    if instant > now:
        raise FutureInstant("as_of lies ahead; ask without it for what is known now")
    return max(instant, _BEFORE_ALL).astimezone(UTC)


def folded(projection: Projection[Row, Any], key: str, facts: Iterable[Event]) -> Row | None:
    """Return a row as facts make it, in their order; those that do not touch it are passed over."""
    row: Row | None = None
    for fact in facts:
        if isinstance(fact, projection.events) and key in projection.keys(fact):
            row = projection.apply(row, fact)
    return row


async def rows_then(
    engine: Engine, projection: Projection[Row, Any], tenant_id: str, keys: Sequence[str], instant: datetime
) -> Mapping[str, Row | None]:
    """Return rows by key as the facts recorded up to an instant make them, None before the first one.

    **Errors**: `HistoryTooLong`.
    """
    if projection.streams is None:
        raise TypeError(f"the rows of {projection.name} do not tell where their facts are")
    streams = {stream for key in keys for stream in projection.streams(key)}
    loaded = await _loaded(engine, projection, tenant_id, streams, instant)
    facts = [fact for _, fact in loaded if fact is not None]
    return {key: folded(projection, key, facts) for key in keys}


async def recorded(
    engine: Engine, tenant_id: str, streams: Sequence[str], *, until: datetime | None = None
) -> Sequence[Envelope]:
    """Return the facts of streams, sealed, in the order in which they were recorded. **Errors**: `HistoryTooLong`."""
    found = await engine.store.history(tenant_id, streams, until=until, events_max=_FACTS_MAX + 1)
    if len(found) > _FACTS_MAX:
        raise HistoryTooLong("more facts made this than one answer may hold")
    return found


async def _loaded(
    engine: Engine, projection: AnyProjection, tenant_id: str, streams: set[str], instant: datetime
) -> list[tuple[Envelope, Event | None]]:
    """Return the facts of streams, and of those that these lead to, in the order in which they were recorded."""
    found: list[tuple[Envelope, Event | None]] = []
    asked: set[str] = set()
    wanted = streams
    while wanted:
        opened = await engine.opened(await recorded(engine, tenant_id, sorted(wanted), until=instant))
        found += opened
        asked |= wanted
        known = (fact for _, fact in opened if isinstance(fact, projection.events))
        wanted = {stream for fact in known for stream in projection.leads(fact)} - asked
    return sorted(found, key=lambda each: each[0].position)
