"""Five services, console, simulator, database and log in one process, behind one port.

Owns: starting in order, saying what is in the way, stopping in order. Refuses: other addresses than this machine's, and
production, because it signs its own tokens and pays nobody. Next: `main.py` runs it, `demo.py` drives it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from apps.console.main import console
from apps.console.settings import PREFIX as CONSOLE
from apps.console.settings import Settings as ConsoleSettings
from apps.console.sign_in import DevelopmentSignIn
from apps.embedded.addresses import databases, log_url, told
from apps.embedded.data_folder import only_one
from apps.embedded.database_server import refuse_home_as_root
from apps.embedded.exchange import Exchange
from apps.embedded.installation import Installation
from apps.embedded.log_of_folder import refuse_another_log
from apps.embedded.mounted import Mounted
from apps.embedded.settings import ISSUER, SERVICES, TENANT, Settings
from apps.simulator.main import simulator
from apps.simulator.settings import PREFIX as SIMULATOR
from apps.simulator.settings import Settings as SimulatorSettings
from services.claims import main as claims
from services.coding import main as coding
from services.payments import main as payments
from services.registration import main as registration
from services.validation import main as validation
from shared.kernel.errors import Malformed, Unavailable
from shared.runtime.definition import Service
from shared.runtime.garbage import collect_seldom
from shared.runtime.host import Host, open_host
from shared.runtime.hosting import open_log
from shared.runtime.http import http_app
from shared.runtime.log import Log
from shared.runtime.serving import served
from shared.runtime.tokens import DevelopmentIssuer
from shared.runtime.worker import work

_BUILD: Final[dict[str, Callable[[], Service]]] = {
    "registration": registration.configured,
    "coding": coding.configured,
    "validation": validation.configured,
    "claims": claims.configured,
    "payments": payments.configured,
}


class NotForProduction(Malformed):
    """The embedded process signs its own tokens: it serves this machine only, and never production."""

    slug = "embedded-not-for-production"


class PortInUse(Unavailable):
    """Another program listens on the port. **Shape**: the message says how to take another."""

    slug = "port-in-use"


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Installation]:
    """Start everything, and stop it at the end.

    **Errors**: `NotForProduction`, `PortInUse`, `AlreadyRunning`, `FolderNotUsable`, `StoreUnavailable`,
    `LogUnavailable`.
    """
    if settings.environment == "production" or settings.host != "127.0.0.1":
        raise NotForProduction("the embedded process listens on 127.0.0.1 only; deploy the services separately instead")
    if not settings.database_url:
        refuse_home_as_root(settings.data)
    collect_seldom()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(settings.data))
        listener = stack.enter_context(listening(settings.host, settings.port))
        urls = await databases(settings, stack)
        port = listener.getsockname()[1]
        base_url = f"http://{settings.host}:{port}"
        issuer = DevelopmentIssuer.from_folder(settings.data / "keys", ISSUER)
        os.environ.update(told(settings, urls, clearinghouse=f"{base_url}/simulator"))
        services = {name: build() for name, build in _BUILD.items()}
        hosts = {name: await stack.enter_async_context(open_host(service)) for name, service in services.items()}
        log = await stack.enter_async_context(open_log(log_url(settings, urls)))
        stores = {name: host.engine.store for name, host in hosts.items()}
        kind = "kafka" if settings.kafka_bootstrap else "table"
        await refuse_another_log(settings.data, kind, settings.topic_prefix, stores, log)
        apps: dict[str, ASGIApp] = {name: http_app(service, hosts[name]) for name, service in services.items()}
        journal = {"state_file": str(settings.data / "simulator.jsonl")}
        pay = simulator(SimulatorSettings.read(SIMULATOR).model_copy(update=journal))
        await stack.enter_async_context(pay.router.lifespan_context(pay))
        apps["simulator"] = pay
        pages = _console(settings, base_url)
        await stack.enter_async_context(pages.router.lifespan_context(pages))
        await stack.enter_async_context(served(Mounted(apps, root=pages), listener))
        await stack.enter_async_context(_worked(hosts, log))
        exchange = Exchange(settings.data / "exchange", [host.engine for host in hosts.values()])
        await stack.enter_async_context(exchange.kept())
        at = {name: f"{base_url}/{name}" for name in (*SERVICES, "simulator")}
        yield Installation(urls=at, issuer=issuer, data=settings.data, exchange=exchange)


def _console(settings: Settings, base_url: str) -> FastAPI:
    """Return the console over the services of this process."""
    at = {f"{name}_url": f"{base_url}/{name}" for name in SERVICES}
    as_told = ConsoleSettings.read(CONSOLE).model_copy(
        update={**at, "issuer_file": settings.data / "keys" / "issuer.json", "tenant_id": TENANT}
    )
    return console(as_told, DevelopmentSignIn(as_told.issuer_file, ISSUER, TENANT, environment=settings.environment))


@contextmanager
def listening(host: str, port: int) -> Iterator[socket]:
    """Take a port before anything else starts. **Errors**: `PortInUse`."""
    listener = socket(AF_INET, SOCK_STREAM)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"port {port} is taken; stop what listens there, or set CLAIMLOG_PORT to another one"
            ) from error
        yield listener
    finally:
        listener.close()


@asynccontextmanager
async def _worked(hosts: dict[str, Host], log: Log) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work(host.engine, log), name=f"{name}-worker") for name, host in hosts.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
