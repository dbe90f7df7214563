"""Streams and reserved names, over all facts of a snapshot: no version missing or double, no name unaccounted for.

Owns: the statements. The server sorts, so that neither streams nor names need memory here. Refuses: order over streams
(`chain.py`).
"""

from typing import Final

import asyncpg

from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.snapshot import STATEMENT_SECONDS_MAX

VERSIONS: Final = About(name="versions", about="Versions of each stream run from 1, without a gap, by position.")
NAMES: Final = About(name="names", about="Each reserved name has one stream, the one whose fact reserved it.")
_COUNT_STREAMS: Final = (
    "select count(*) filter (where wanted = 1), min(position) filter (where version <> wanted) from ("
    " select position, version, row_number() over (partition by tenant_id, stream order by position) as wanted"
    " from events where position <= $1) as numbered"
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
_COUNT_NAMES: Final = f"{_PAIRS} select count(*), count(*) filter (where differs) from pairs"  # noqa: S608 (ours)
_FIRST_NAME: Final = (
    f"{_PAIRS} select kind, position, holder from pairs"  # noqa: S608 (ours)
    " where differs order by position nulls last, kind, holder limit 1"
)


async def check_versions(connection: asyncpg.Connection, to: int) -> Finding:
    """Return whether the versions of all streams are whole."""
    ((streams, position),) = await connection.fetch(_COUNT_STREAMS, to, timeout=STATEMENT_SECONDS_MAX)
    if position is None:
        return VERSIONS.found(None, checked=streams)
    ((stream, version),) = await connection.fetch("select stream, version from events where position = $1", position)
    return VERSIONS.found(f"stream {stream} comes to version {version} at position {position}", checked=streams)


async def check_names(connection: asyncpg.Connection, to: int) -> Finding:
    """Return whether the table of names is what the facts reserved: the same names, each held by its stream."""
    ((names, wrong),) = await connection.fetch(_COUNT_NAMES, to, timeout=STATEMENT_SECONDS_MAX)
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
