"""A running service: commands in, answers out, questions to its read models.

Owns: the parts of one process put together (store, vault, flusher) and the surface that routes, effects and consumers
use. Refuses: rules, HTTP, the log. Next: `flush.py` writes, `http.py` serves, `worker.py` consumes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from shared.events.envelope import Actor, Envelope, Event
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.calling_off import call_off
from shared.runtime.clock import new_id, now
from shared.runtime.consistency import Consistency
from shared.runtime.definition import Service
from shared.runtime.files import File, FileNotFound
from shared.runtime.flush import Flusher, Result
from shared.runtime.keys import Vault
from shared.runtime.store import Checkpoint, Order, Place, Spot, Store
from shared.runtime.taking import Consumed
from shared.runtime.unit import Idempotency, Outcome, Unit
from shared.runtime.wiring import Wiring
from shared.runtime.written import Written

Row = TypeVar("Row")

_PASSED_OVER_MIN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page. **Shape**: `next` is where the following page starts, None at the end."""

    items: tuple[Row, ...]
    next: str | None


class Engine:
    """One service over one store, in this process."""

    def __init__(self, wiring: Wiring, store: Store, vault: Vault, *, clock: Callable[[], datetime] = now) -> None:
        self.wiring = wiring
        self.store = store
        self.vault = vault
        self.consistency = Consistency(wiring, store)
        self._flusher = Flusher(store, wiring, vault, clock, on_taken=self.consistency.wake)
        self.stopped: dict[str, str] = {}  # jobs that a person must look at, and why; readiness shows them

    @property
    def written(self) -> Written:
        """Return what this process wrote last."""
        return self._flusher.written

    @property
    def service(self) -> Service:
        """Return what it runs."""
        return self.wiring.service

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Engine"]:
        """Bring read models up to the facts, then write while the block runs. **Errors**: `StoreUnavailable`."""
        await self._flusher.catch_up()
        task = asyncio.create_task(self._flusher.run(), name=f"{self.service.name}-flusher")
        try:
            yield self
        finally:
            await self.consistency.close()
            await call_off(task)

    async def handle(  # noqa: PLR0913 (who, what, and four things that most callers leave out)
        self,
        tenant_id: str,
        actor: Actor,
        *commands: object,
        files: tuple[File, ...] = (),
        at: datetime | None = None,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
        correlation_id: str | None = None,
        causation_id: str | None = None,
        validate_only: bool = False,
    ) -> Outcome:
        """Append what a unit of commands adds, all or nothing; say only what it would add with `validate_only`.

        Commands are decided in order; later ones see the facts of earlier ones, over one or several streams.
        **Errors**: those of its deciders and of `working_set.py`; `StoreUnavailable`.
        """
        unit = Unit(
            tenant_id=tenant_id,
            actor=actor,
            commands=commands,
            ids=iter(new_id, ""),
            now=at or now(),
            correlation_id=correlation_id or new_id(),
            causation_id=causation_id,
            files=files,
            expected_version=expected_version,
            idempotency=idempotency,
            validate_only=validate_only,
            wants_token=causation_id is None,  # nobody waits for what follows from a fact
        )
        (result,) = await self.handle_each([unit])
        if isinstance(result, Exception):
            raise result
        return result

    async def handle_each(self, units: Sequence[Unit]) -> Sequence[Outcome | Exception]:
        """Append what units add, each for itself and in order; return what came of each, once it is committed."""
        return [each or TypeError("a unit of commands has an outcome") for each in await self._flusher.decided(units)]

    async def consume(self, records: Sequence[Consumed]) -> Sequence[Result]:
        """Take records in order; return for each None where it is in, or why not."""
        return await self._flusher.consumed(records)

    async def pass_over(self, place: Place, read_from: Checkpoint, types: Sequence[str], *, heard: int) -> Checkpoint:
        """Move a checkpoint past many facts of other types; each look for the next one would go through all of them.

        **Shape**: `heard` says up to where facts exist, as far as is known here. **Errors**: as `move`.
        """
        if heard - read_from.position < _PASSED_OVER_MIN:
            return read_from
        head = (await self.store.head()).position  # less than was heard, where the store was set back
        if head <= read_from.position or await self.store.events(read_from.position, types=types, events_max=1):
            return read_from
        return await self.move(place, read_from, head)

    async def move(self, place: Place, read_from: Checkpoint, position: int) -> Checkpoint:
        """Move a checkpoint in the own facts to where nothing is left to do before, and return it.

        **Errors**: `Fenced`: another process moved it meanwhile; `StoreUnavailable`.
        """
        moved = Checkpoint(next_offset=position, store_id="", incarnation=0, position=position)
        record = Consumed(place=place, offset=position, read_from=read_from, moved=moved)
        (result,) = await self.consume([record])
        if isinstance(result, Exception):
            raise result
        return moved

    async def tenants(self) -> Sequence[str]:
        """Return the tenants that effects run for: the one of the settings, else all that have facts."""
        only = self.service.settings.tenant_id
        return [only] if only else await self.store.tenants()

    async def row(self, projection: Projection[Row, Any], tenant_id: str, key: str) -> Row | None:
        """Return one row of a read model, None where there is none."""
        return await self.store.row(projection, tenant_id, key)

    async def page(
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        *,
        where: Mapping[str, object] | None = None,
        after: str | None = None,
        page_size: int = 100,
    ) -> Page[Row]:
        """Return rows whose filters have given values, by key. **Shape**: one at least, `page_size_max` at most."""
        size = self._rows_of_page(page_size)
        found = await self.store.select(projection, tenant_id, where=where or {}, after=after, rows_max=size + 1)
        items = tuple(row for _, row in found[:size])
        return Page(items, found[size - 1][0] if len(found) > size else None)

    async def ordered_page(  # noqa: PLR0913 (of what, in which order, and three things that a first page leaves out)
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        order: Order,
        *,
        where: Mapping[str, object] | None = None,
        after: Spot | None = None,
        page_size: int = 100,
    ) -> tuple[tuple[Row, ...], Spot | None]:
        """Return rows in an order, and after which one the following page starts, None at the end."""
        size = self._rows_of_page(page_size)
        found = await self.store.ordered(
            projection, tenant_id, order, where=where or {}, after=after, rows_max=size + 1
        )
        return tuple(row for _, row in found[:size]), found[size - 1][0] if len(found) > size else None

    def _rows_of_page(self, page_size: int) -> int:
        return max(1, min(page_size, self.service.settings.page_size_max))

    async def counts(
        self, projection: AnyProjection, tenant_id: str, *, by: str, where: Mapping[str, object] | None = None
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter."""
        return await self.store.counts(projection, tenant_id, by=by, where=where or {})

    async def file(self, tenant_id: str, sha256: str) -> bytes:
        """Return a stored file's bytes. **Errors**: `FileNotFound`, `KeyDestroyed`."""
        found = await self.store.file(tenant_id, sha256)
        if found is None:
            raise FileNotFound("no file has this hash here")
        return await self.vault.open_file(tenant_id, sha256, found[1])

    async def opened(self, envelopes: Sequence[Envelope]) -> list[tuple[Envelope, Event | None]]:
        """Return events with their envelopes, personal fields in the clear."""
        await self.vault.prepare_to_open(envelopes)
        return [(envelope, self.vault.open(envelope)) for envelope in envelopes]
