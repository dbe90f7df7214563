"""Operations in tables of the service's store. **Shape**: `Operations` of `operations.py`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg

from shared.events.envelope import Actor
from shared.runtime.operations import Operation, PartKind

_COLUMNS: Final = (
    "id::text as operation_id, tenant_id, kind, subject, actor_kind, actor_id, correlation_id, created_at, total, done,"
    " worked, state, problem, ended_at"
)
_CHANGE: Final = (
    "with changed as (update operation set total = $2, done = $3, worked = $4, state = $5, problem = $6, ended_at = $7"
    "  where id = $1 and state = 'running' returning id),"
    " kept as (insert into operation_part (operation_id, kind, number, sealed)"
    "  select id, 'result', $4 - 1, $8 from changed where $8::bytea is not null"
    "  on conflict (operation_id, kind, number) do update set sealed = excluded.sealed)"
    " select 1 from changed"
)
_FORGET: Final = (
    "with ended as (delete from operation where ended_at < $1 returning id),"
    " parts as (delete from operation_part where operation_id in (select id from ended))"
    " select id from ended"
)
_FORGET_BROKEN_OFF: Final = (
    "delete from operation_part where operation_id in (select p.operation_id from operation_part p"
    " where not exists (select 1 from operation o where o.id = p.operation_id)"
    " group by p.operation_id having max(p.kept_at) < $1)"
)
Fetch: TypeAlias = Callable[..., Awaitable[list[asyncpg.Record]]]


class PostgresOperations:
    """Operations over a store's own questions."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def add(self, operation: Operation) -> None:
        """Keep a new one."""
        await self._fetch(
            "insert into operation (id, tenant_id, kind, subject, actor_kind, actor_id, correlation_id, created_at,"
            " total) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            operation.operation_id,
            operation.tenant_id,
            operation.kind,
            operation.subject,
            operation.actor.kind,
            operation.actor.id,
            operation.correlation_id,
            operation.created_at,
            operation.total,
        )

    async def find(self, tenant_id: str, operation_id: str) -> Operation | None:
        """Return one, None where there is none."""
        rows = await self._fetch(
            f"select {_COLUMNS} from operation where tenant_id = $1 and id = $2::text::uuid",  # noqa: S608 (columns of ours)
            tenant_id,
            operation_id,
        )
        return _operation(rows[0]) if rows else None

    async def newest(self, tenant_id: str, *, before: str | None, rows_max: int) -> Sequence[Operation]:
        """Return those of a tenant by id, the newest first, from one on."""
        rows = await self._fetch(
            f"select {_COLUMNS} from operation where tenant_id = $1"  # noqa: S608 (columns of ours)
            " and ($2::text is null or id < $2::text::uuid) order by id desc limit $3",
            tenant_id,
            before,
            rows_max,
        )
        return [_operation(row) for row in rows]

    async def next_running(self, after: str | None = None) -> Operation | None:
        """Return the oldest one that runs, of any tenant; with an id, of those that began after it."""
        rows = await self._fetch(
            f"select {_COLUMNS} from operation where state = 'running'"  # noqa: S608 (columns of ours)
            " and ($1::text is null or id > $1::text::uuid) order by id limit 1",
            after,
        )
        return _operation(rows[0]) if rows else None

    async def change(self, operation: Operation, *, result: bytes | None = None) -> bool:
        """Keep how far a running one is, with the result of the part; return whether it still ran."""
        rows = await self._fetch(
            _CHANGE,
            operation.operation_id,
            operation.total,
            operation.done,
            operation.worked,
            operation.state,
            operation.problem,
            operation.ended_at,
            result,
        )
        return bool(rows)

    async def cancel(self, tenant_id: str, operation_id: str, at: datetime) -> bool:
        """End a running one as far as it is by then; return whether it still ran."""
        rows = await self._fetch(
            "update operation set state = 'cancelled', ended_at = $3"
            " where tenant_id = $1 and id = $2::text::uuid and state = 'running' returning 1",
            tenant_id,
            operation_id,
            at,
        )
        return bool(rows)

    async def add_part(self, operation_id: str, number: int, sealed: bytes) -> None:
        """Keep a part of what was sent, from 0."""
        await self._fetch(
            "insert into operation_part (operation_id, kind, number, sealed) values ($1, 'sent', $2, $3)",
            operation_id,
            number,
            sealed,
        )

    async def part(self, operation_id: str, kind: PartKind, number: int) -> bytes | None:
        """Return a part as it is kept, None where there is none."""
        rows = await self._fetch(
            "select sealed from operation_part where operation_id = $1 and kind = $2 and number = $3",
            operation_id,
            kind,
            number,
        )
        return bytes(rows[0][0]) if rows else None

    async def forget(self, *, ended_before: datetime, sent_before: datetime) -> int:
        """Forget those that ended long ago, and lines that broke off; return how many operations it was."""
        rows = await self._fetch(_FORGET, ended_before)
        await self._fetch(_FORGET_BROKEN_OFF, sent_before)
        return len(rows)


def _operation(row: asyncpg.Record) -> Operation:
    kept = dict(row)
    return Operation(actor=Actor(kind=kept.pop("actor_kind"), id=kept.pop("actor_id")), **kept)
