"""Work that outlasts its request: what was asked, how far it is, what came of it.

Owns: the values, the port to where they are kept, and a twin that forgets. Any replica answers about any operation; a
worker works them off (`working_off.py`), and goes on after a crash where the last one was. They are no facts: what an
operation leads to is. After a restore of the store there are none. Refuses: personal values in an operation; what was
sent and what came of it is sealed. Next: `operation_routes.py` shows them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct, structs

from shared.events.envelope import Actor
from shared.runtime.clock import now

State: TypeAlias = Literal["running", "succeeded", "failed", "cancelled"]
Kind: TypeAlias = Literal["bulk", "rebuild"]
PartKind: TypeAlias = Literal["sent", "result"]


class Operation(Struct, frozen=True, kw_only=True):
    """One operation. **Shape**: `subject` is a route or a read model; `done` of `total` lines or facts.

    `worked` are the parts that were worked off; `problem` is the slug of what made it fail.
    """

    operation_id: str
    tenant_id: str
    kind: Kind
    subject: str
    actor: Actor
    correlation_id: str
    created_at: datetime
    total: int = 0
    done: int = 0
    worked: int = 0
    state: State = "running"
    problem: str | None = None
    ended_at: datetime | None = None


class Operations(Protocol):
    """Where operations are kept. **Errors** of each: `StoreUnavailable`."""

    async def add(self, operation: Operation) -> None:
        """Keep a new one."""

    async def find(self, tenant_id: str, operation_id: str) -> Operation | None:
        """Return one, None where there is none."""

    async def newest(self, tenant_id: str, *, before: str | None, rows_max: int) -> Sequence[Operation]:
        """Return those of a tenant by id, the newest first, from one on."""

    async def next_running(self, after: str | None = None) -> Operation | None:
        """Return the oldest one that runs, of any tenant; with an id, of those that began after it."""

    async def change(self, operation: Operation, *, result: bytes | None = None) -> bool:
        """Keep how far a running one is, with the result of the part; return whether it still ran."""

    async def cancel(self, tenant_id: str, operation_id: str, at: datetime) -> bool:
        """End a running one as far as it is by then; return whether it still ran."""

    async def add_part(self, operation_id: str, number: int, sealed: bytes) -> None:
        """Keep a part of what was sent, from 0."""

    async def part(self, operation_id: str, kind: PartKind, number: int) -> bytes | None:
        """Return a part as it is kept, None where there is none."""

    async def forget(self, *, ended_before: datetime, sent_before: datetime) -> int:
        """Forget those that ended long ago, and lines that broke off before their operation began.

        Return how many operations it was. Of lines that broke off the last part was kept before `sent_before`.
        """


class MemoryOperations:
    """Operations that end with the process. **Shape**: `Operations`."""

    def __init__(self) -> None:
        self._all: dict[str, Operation] = {}
        self._parts: dict[tuple[str, PartKind, int], bytes] = {}
        self._sent_at: dict[str, datetime] = {}

    async def add(self, operation: Operation) -> None:
        """Keep a new one."""
        self._all[operation.operation_id] = operation

    async def find(self, tenant_id: str, operation_id: str) -> Operation | None:
        """Return one, None where there is none."""
        found = self._all.get(operation_id)
        return found if found and found.tenant_id == tenant_id else None

    async def newest(self, tenant_id: str, *, before: str | None, rows_max: int) -> Sequence[Operation]:
        """Return those of a tenant by id, the newest first, from one on."""
        found = [each for each in self._all.values() if each.tenant_id == tenant_id]
        found = [each for each in found if before is None or each.operation_id < before]
        return sorted(found, key=lambda each: each.operation_id, reverse=True)[:rows_max]

    async def next_running(self, after: str | None = None) -> Operation | None:
        """Return the oldest one that runs, of any tenant; with an id, of those that began after it."""
        running = (each for each in self._all.values() if each.state == "running")
        running = (each for each in running if after is None or each.operation_id > after)
        return min(running, key=lambda each: each.operation_id, default=None)

    async def change(self, operation: Operation, *, result: bytes | None = None) -> bool:
        """Keep how far a running one is, with the result of the part; return whether it still ran."""
        if self._all[operation.operation_id].state != "running":
            return False
        if result is not None:
            self._parts[operation.operation_id, "result", operation.worked - 1] = result
        self._all[operation.operation_id] = structs.replace(operation)
        return True

    async def cancel(self, tenant_id: str, operation_id: str, at: datetime) -> bool:
        """End a running one as far as it is by then; return whether it still ran."""
        found = await self.find(tenant_id, operation_id)
        if found is None or found.state != "running":
            return False
        self._all[operation_id] = structs.replace(found, state="cancelled", ended_at=at)
        return True

    async def add_part(self, operation_id: str, number: int, sealed: bytes) -> None:
        """Keep a part of what was sent, from 0."""
        self._parts[operation_id, "sent", number] = sealed
        self._sent_at[operation_id] = now()

    async def part(self, operation_id: str, kind: PartKind, number: int) -> bytes | None:
        """Return a part as it is kept, None where there is none."""
        return self._parts.get((operation_id, kind, number))

    async def forget(self, *, ended_before: datetime, sent_before: datetime) -> int:
        """Forget those that ended long ago, and lines that broke off; return how many operations it was."""
        ended = {each for each, found in self._all.items() if found.ended_at and found.ended_at < ended_before}
        gone = ended | {each for each, at in self._sent_at.items() if each not in self._all and at < sent_before}
        self._all = {each: found for each, found in self._all.items() if each not in gone}
        self._parts = {place: part for place, part in self._parts.items() if place[0] not in gone}
        self._sent_at = {each: at for each, at in self._sent_at.items() if each not in gone}
        return len(ended)
