"""Streams, reserved names and stored answers, over all facts of a snapshot: nothing missing, double or unaccounted for.

Owns: the statements. The server sorts and joins, so that neither streams nor names need memory here. A version may be
missing where a restore told positions as lost: such streams are counted, and locked. Refuses: order over streams
(`chain.py`).
"""

from typing import Final

import asyncpg

from shared.runtime.losses import PositionLost
from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.snapshot import STATEMENT_SECONDS_MAX

VERSIONS: Final = About(name="versions", about="Versions of each stream run from 1, without a gap, by position.")
ANSWERS: Final = About(name="answers", about="What an idempotency key was answered with is there.")
NAMES: Final = About(name="names", about="Each reserved name has one stream, the one whose fact reserved it.")
_NUMBERED: Final = (
    "select stream, position, version, coalesce(lag(version) over facts, 0) as before,"
    " coalesce(lag(position) over facts, 0) as behind from events where position <= $1"
    " window facts as (partition by tenant_id, stream order by position)"
)
_COUNT_STREAMS: Final = (
    "select count(*) filter (where behind = 0), count(*) filter (where version <> before + 1)"  # noqa: S608 (ours)
    f" from ({_NUMBERED}) as numbered"
)
_JUMPS: Final = (
    "select count(*) filter (where is_told), min(position) filter (where not is_told) from"  # noqa: S608 (ours)
    " (select position, version - before - 1 between 1 and (select count(*) from events as lost where lost.type = $2"
    "   and lost.position > behind and lost.position < numbered.position) as is_told"
    f" from ({_NUMBERED}) as numbered where version <> before + 1) as jumps"
)
_PAIRS: Final = (
    "with reserved as (select tenant_id, name ->> 0 as kind, name ->> 1 as hmac, stream, position"
    "  from events cross join lateral json_array_elements(names::json) as name"
    "  where names <> '[]' and position <= $1),"
    " claims as (select tenant_id, kind, hmac, min(stream) as stream, max(stream) as other, max(position) as position"
    "  from reserved group by tenant_id, kind, hmac),"
    " pairs as (select kind, position, held.stream as holder,"
    "  claims.stream is distinct from held.stream or claims.other is distinct from held.stream as differs"
    "  from claims full join names as held using (tenant_id, kind, hmac)) "
)
_ANSWERS: Final = (
    "select count(*), count(*) filter (where e.version is null and i.version > 0),"
    " min(i.route || ' of stream ' || i.stream || ' version ' || i.version)"
    "  filter (where e.version is null and i.version > 0)"
    " from idempotency i left join events e using (tenant_id, stream, version)"
)
_COUNT_NAMES: Final = f"{_PAIRS} select count(*), count(*) filter (where differs) from pairs"  # noqa: S608 (ours)
_FIRST_NAME: Final = (
    f"{_PAIRS} select kind, position, holder from pairs"  # noqa: S608 (ours)
    " where differs order by position nulls last, kind, holder limit 1"
)


async def check_versions(connection: asyncpg.Connection, to: int) -> Finding:
    """Return whether the versions of all streams are whole."""
    ((streams, jumps),) = await connection.fetch(_COUNT_STREAMS, to, timeout=STATEMENT_SECONDS_MAX)
    if not jumps:
        return VERSIONS.found(None, checked=streams)
    ((told, first),) = await connection.fetch(_JUMPS, to, PositionLost.__name__, timeout=STATEMENT_SECONDS_MAX)
    complaint = None
    if first is not None:
        ((stream, version),) = await connection.fetch("select stream, version from events where position = $1", first)
        complaint = f"stream {stream} comes to version {version} at position {first}"
    note = f"versions are missing in {told} places behind positions that were lost" if told else None
    return VERSIONS.found(complaint, checked=streams, left_out=told, note=note)


async def check_names(connection: asyncpg.Connection, to: int) -> Finding:
    """Return whether the table of names is what the facts reserved: the same names, each held by its stream."""
    try:
        async with connection.transaction():  # of its own: what fails must not end the snapshot
            ((names, wrong),) = await connection.fetch(_COUNT_NAMES, to, timeout=STATEMENT_SECONDS_MAX)
    except asyncpg.DataError:
        return NAMES.found("what some fact reserved cannot be read", checked=0)
    if not wrong:
        return NAMES.found(None, checked=names)
    ((kind, position, holder),) = await connection.fetch(_FIRST_NAME, to, timeout=STATEMENT_SECONDS_MAX)
    if position is None:
        complaint = f"table names: stream {holder} holds a name of kind {kind} that no fact reserved"
    elif holder is None:
        complaint = f"table names: nobody holds the name of kind {kind} that position {position} reserved"
    else:
        complaint = f"table names: stream {holder} holds the name of kind {kind} that position {position} reserved too"
    return NAMES.found(complaint, checked=names)


async def check_answers(connection: asyncpg.Connection) -> Finding:
    """Return whether the fact of each stored answer is there: who was told so was not told in vain."""
    ((answers, wrong, first),) = await connection.fetch(_ANSWERS, timeout=STATEMENT_SECONDS_MAX)
    complaint = f"table idempotency: the fact of {first} is missing" if wrong else None
    return ANSWERS.found(complaint, checked=answers)
