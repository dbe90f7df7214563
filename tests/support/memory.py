"""A whole service in memory: its web application with a token, foreign facts as if they came from the log."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from httpx import ASGITransport, AsyncClient, Response
from msgspec import json
from msgspec.structs import replace

from shared.events.envelope import Actor, Envelope, Event
from shared.runtime.clock import new_id, now
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.host import Host
from shared.runtime.http import http_app
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store import OWN, Checkpoint
from shared.runtime.store_memory import MemoryStore
from shared.runtime.taking import Consumed
from shared.runtime.tokens import DevelopmentIssuer
from shared.runtime.wiring import Wiring
from tests.support.careless import CARELESS

TENANT = "demo"
ISSUER = DevelopmentIssuer.in_memory("test")
CLERK = Actor(kind="human", id="clerk-1")


@dataclass(slots=True)
class Running:
    """A service that runs in this test."""

    engine: Engine
    client: AsyncClient
    _delivered: dict[str, int] = field(default_factory=dict)

    async def deliver(self, *events: Event, at: datetime | None = None) -> None:
        """Take facts of other services, each as one record of the topic of its producer, then settle."""
        for event in events:
            topic = f"test.{type(event).__module__.rsplit('.', 1)[-1]}"
            offset = self._delivered.get(topic, 0)
            self._delivered[topic] = offset + 1
            await self._consume((topic, 0), offset, envelope_of(event, position=offset + 1, at=at or now()), event)
        await self.settle()

    async def _consume(self, place: tuple[str, int], offset: int, envelope: Envelope, event: Event) -> None:
        read_from = await self.engine.store.checkpoint(place)
        moved = Checkpoint(next_offset=offset + 1, store_id="producer", incarnation=1, position=envelope.position)
        record = Consumed(place=place, offset=offset, read_from=read_from, moved=moved, envelope=envelope, event=event)
        (result,) = await self.engine.consume([record])
        if result is not None:
            raise AssertionError(f"not taken: {result!r}")

    async def settle(self) -> None:
        """Let reactions on own facts run until nothing is left to do."""
        types = sorted(event.__name__ for event in self.engine.wiring.own_reactions)
        while True:
            checkpoint = await self.engine.store.checkpoint(OWN)
            facts = await self.engine.store.events(checkpoint.position, types=types, events_max=1)
            if not facts:
                return
            ((envelope, event),) = await self.engine.opened(facts)
            moved = replace(checkpoint, next_offset=envelope.position, position=envelope.position, attempts=0)
            record = Consumed(
                place=OWN,
                offset=envelope.position,
                read_from=checkpoint,
                moved=moved,
                envelope=envelope if event else None,
                event=event,
            )
            (result,) = await self.engine.consume([record])
            if result is not None:
                raise AssertionError(f"not taken: {result!r}")

    async def facts(self) -> list[Event]:
        """Return all facts of the store, in order."""
        opened = await self.engine.opened(await self.engine.store.events(0, events_max=1_000_000))
        return [event for _, event in opened if event is not None]

    async def instant(self) -> str:
        """Return when the newest fact was recorded, as a question `as_of` names it."""
        return (await self.engine.store.head()).recorded_at.isoformat()

    async def then(self, path: str, as_of: str) -> Response:
        """Return an answer as of an instant."""
        return await self.client.get(path, params={"as_of": as_of})

    async def parked(self) -> Sequence[str]:
        """Return why records are parked; a test that expects none says so."""
        return [each.cause for each in await self.engine.store.parked(None, rows_max=1_000)]


def envelope_of(event: Event, *, position: int, at: datetime, tenant_id: str = TENANT) -> Envelope:
    """Return a foreign fact as it would come from the log."""
    return Envelope(
        position=position,
        tenant_id=tenant_id,
        stream=f"{type(event).__name__}-{event.subject()}",
        version=1,
        event_id=new_id(),
        type=type(event).__name__,
        schema_version=event.schema_version,
        key=event.subject(),
        public=True,
        occurred_at=at,
        recorded_at=at,
        actor=CLERK,
        correlation_id=new_id(),
        causation_id=None,
        unit_first=position,
        unit_last=position,
        names=(),
        chain_hash=bytes(32),
        data=json.encode(event),
    )


def token(service: Service, *, tenant_id: str = TENANT, scopes: Sequence[str] | None = None) -> str:
    """Return a bearer token, with every scope of the service unless some are named."""
    every = {access.scope for access in service.api().access.values()}
    common = {"events.read", "worklists.read", "operations.read", "operations.write"}
    return ISSUER.token(
        tenant_id=tenant_id,
        actor=CLERK,
        scopes=every | common if scopes is None else scopes,
        now=datetime.now(UTC),  # noqa: TID251 (a token lives by the real clock)
        lifetime=timedelta(hours=1),
    )


@asynccontextmanager
async def running(service: Service, *, clock: Callable[[], datetime] = now) -> AsyncIterator[Running]:
    """Run a service over a store, keys and an issuer that end with the test."""
    wiring = Wiring(service)
    vault = Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
    async with Engine(wiring, MemoryStore(), vault, clock=clock).running() as engine, serving(engine) as served:
        yield served


@asynccontextmanager
async def serving(engine: Engine) -> AsyncIterator[Running]:
    """Serve an engine that runs, over whatever store."""
    app = http_app(engine.service, Host(engine=engine, verifier=ISSUER.verifier()))
    headers = {"Authorization": f"Bearer {token(engine.service)}"}
    transport = ASGITransport(app)
    async with AsyncClient(
        transport=transport, base_url="http://service", headers=headers, event_hooks=CARELESS
    ) as client:
        yield Running(engine, client)
