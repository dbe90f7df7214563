"""An installation of separate programs, put together on this machine: ports, databases, Kafka, topics, programs.

Owns: the order, waiting until all is ready, and stopping in order. Refuses: production, as the embedded process does
whose data folder, databases and keys it has; and driving it (`__main__.py`, `rolling.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from apps.embedded.addresses import databases, log_url, told
from apps.embedded.data_folder import only_one
from apps.embedded.database_server import refuse_home_as_root
from apps.embedded.exchange import Exchange
from apps.embedded.installation import Installation
from apps.embedded.log_of_folder import refuse_another_log
from apps.embedded.process import NotForProduction, listening
from apps.embedded.settings import ISSUER, SERVICES, Settings
from services.claims import main as claims
from services.claims.settings import PREFIX as CLAIMS
from services.claims.settings import Settings as ClaimsSettings
from services.payments import main as payments
from services.payments.settings import PREFIX as PAYMENTS
from services.payments.settings import Settings as PaymentsSettings
from shared.runtime.api import END_SECONDS
from shared.runtime.definition import Service
from shared.runtime.hosting import open_engine, open_log
from shared.runtime.log import topic_of
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.tokens import DevelopmentIssuer
from tools.kafka import node
from tools.processes.balancer import Balancer, says_ready
from tools.processes.programs import SIMULATOR, Launch, ProgramEnded, Programs, launched

_READY_SECONDS_MAX: Final = 300
_CONNECTIONS_OF_A_PROGRAM: Final = 16
"""To its store, the keys, and while it works: eight readers, four for keys, one each to write, to listen, for locks."""
_ALIVE: Final = {SIMULATOR: "/healthz"}
"""Where readiness is not asked at `/readyz`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What there is. **Shape**: `databases` are addresses by name; each balancer has the replicas of one API.

    `kafka_bootstrap` is empty where a table is the log, `kafka` is a node of our own.
    """

    installation: Installation
    programs: Programs
    balancers: Mapping[str, Balancer]
    databases: Mapping[str, str]
    kafka_bootstrap: str
    kafka: node.Node | None

    def start(self, *names: str) -> None:
        """Start programs: `claims api`, `claims worker 2`, `simulator`."""
        for name in names:
            self.programs.start(name)

    def look(self) -> None:
        """Look whether all that was started runs. **Errors**: `ProgramEnded`."""
        if self.kafka is not None and self.kafka.process.poll() is not None:
            raise ProgramEnded(f"Kafka ended; its log is {self.installation.data / 'kafka' / 'kafka.log'}")
        self.programs.look()

    async def until_ready(self, *names: str) -> None:
        """Return once all of these answer that they are ready. **Errors**: `ProgramEnded`, `TimeoutError`."""
        until = monotonic() + _READY_SECONDS_MAX
        waiting: Sequence[str] = names
        while waiting := [name for name in waiting if not await self._is_ready(name)]:
            self.look()
            if monotonic() > until:
                raise TimeoutError(f"not ready after {_READY_SECONDS_MAX} s: {', '.join(waiting)}")
            await asyncio.sleep(0.1)

    async def _is_ready(self, name: str) -> bool:
        port = self.programs.ports[name]
        return (
            bool(await says_ready(port)) if "worker" in name else port in self.balancers[name.partition(" ")[0]].ready
        )


@asynccontextmanager
async def installed(
    settings: Settings,
    *,
    replicas: int = 1,
    own_kafka: bool = False,
    end_seconds: float = END_SECONDS,
    launch: Launch = launched,
) -> AsyncIterator[Installed]:
    """Make what the programs need; end those that were started. **Shape**: without Kafka a table is the log.

    The services are at the ports after that of the settings, or at free ones where that is 0.

    **Errors**: `NotForProduction`, `PortInUse`, `AlreadyRunning`, `FolderNotUsable`, `ServerDoesNotAnswer`,
    `LogOfAnotherFolder`, `LogUnavailable`, `KafkaNotStarted`.
    """
    if settings.environment == "production" or settings.host != "127.0.0.1":
        raise NotForProduction("these programs share a development key on one machine: deploy/k8s is for production")
    if not settings.database_url:
        refuse_home_as_root(settings.data)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(settings.data))
        listeners = {
            name: stack.enter_context(listening(settings.host, settings.port and settings.port + n))
            for n, name in enumerate((*SERVICES, SIMULATOR), start=1)
        }
        urls = {name: f"http://{settings.host}:{each.getsockname()[1]}" for name, each in listeners.items()}
        own = own_kafka and not settings.kafka_bootstrap
        kafka = stack.enter_context(_kafka(settings.data / "kafka")) if own else None
        if kafka is not None:
            settings = settings.model_copy(update={"kafka_bootstrap": kafka.bootstrap})
        logs = 1 if settings.kafka_bootstrap else 2  # a table as the log has as many again
        connections = _CONNECTIONS_OF_A_PROGRAM * logs * 2 * len(SERVICES) * replicas
        found = await databases(settings, stack, connections=connections)
        issuer = DevelopmentIssuer.from_folder(settings.data / "keys", ISSUER)
        await _make_topics(settings, found)
        variables = told(settings, found, clearinghouse=urls[SIMULATOR]) | {
            "CLAIMLOG_SIMULATOR_STATE_FILE": str(settings.data / "simulator.jsonl")
        }
        exchange = await stack.enter_async_context(_exchange(settings.data / "exchange", variables))
        programs = stack.enter_context(
            Programs.of(settings.data, variables, replicas=replicas, end_seconds=end_seconds, launch=launch)
        )
        balancers = {}
        for name, listener in listeners.items():
            ports = [port for each, port in programs.ports.items() if each.startswith(name) and "worker" not in each]
            balancer = Balancer.before(ports, listener, probe=_ALIVE.get(name, "/readyz"))
            balancers[name] = await stack.enter_async_context(balancer)
        yield Installed(
            installation=Installation(urls=urls, issuer=issuer, data=settings.data, exchange=exchange),
            programs=programs,
            balancers=balancers,
            databases=found,
            kafka_bootstrap=settings.kafka_bootstrap,
            kafka=kafka,
        )


@contextmanager
def _kafka(data: Path) -> Iterator[node.Node]:
    """Run a node of our own; one that a killed run left is ended first."""
    node.stop_recorded(data)
    with node.running(data, node.free_port()) as running:
        yield running


async def _make_topics(settings: Settings, urls: dict[str, str]) -> None:
    """Make all topics, as whoever installs a cluster does; refuse those of another installation."""
    defaults = RuntimeSettings()
    topics = [topic_of(settings.topic_prefix, name, public=public) for name in SERVICES for public in (True, False)]
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(open_log(log_url(settings, urls)))
        stores = {
            name: await stack.enter_async_context(
                PostgresStore.open(urls[f"claimlog_{name}"], (), name=name, unfilled=True)
            )
            for name in SERVICES
        }
        kind = "kafka" if settings.kafka_bootstrap else "table"
        await refuse_another_log(settings.data, kind, settings.topic_prefix, stores, log)
        await log.ensure_topics(topics, partitions=defaults.topic_partitions, replicas=defaults.topic_replicas)


@asynccontextmanager
async def _exchange(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[Exchange]:
    """Return copies of the files of claims and payments, read beside their programs."""
    senders: tuple[Service, ...] = (
        claims.service(ClaimsSettings.read(CLAIMS, variables)),
        payments.service(PaymentsSettings.read(PAYMENTS, variables)),
    )
    async with AsyncExitStack() as stack:
        yield Exchange(folder, [await stack.enter_async_context(open_engine(each, unfilled=True)) for each in senders])
