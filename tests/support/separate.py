"""The services as a deployment runs them: the API and the worker of each, and the simulator, all programs of their own.

They keep what they know in a data folder as the embedded process lays it out: it can go on with what they left.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import stamina

from apps.embedded.addresses import told
from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, SERVICES, TENANT, Settings
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.careless import CARELESS
from tests.support.programs import REPOSITORY, environment
from tools.kafka.node import free_port

SIMULATOR: Final = "simulator"
PROGRAMS: Final = tuple(f"{service} {kind}" for service in SERVICES for kind in ("api", "worker"))


@dataclass(slots=True)
class Separate:
    """What runs. **Shape**: addresses of the databases and of what answers HTTP, by name."""

    data: Path
    databases: Mapping[str, str]
    urls: Mapping[str, str]
    issuer: DevelopmentIssuer
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, repr=False)

    def start(self, name: str) -> None:
        """Start a program: `claims api`, `claims worker`, `simulator`."""
        service, _, kind = name.partition(" ")
        if kind == "worker":
            words = ["shared.runtime.worker", f"services.{service}.main"]
        else:
            package = "apps" if service == SIMULATOR else "services"
            port = self.urls[service].rsplit(":", 1)[1]
            words = ["uvicorn", "--factory", f"{package}.{service}.main:app", "--port", port, "--log-level", "warning"]
        self._running[name] = subprocess.Popen([sys.executable, "-m", *words], cwd=REPOSITORY, env=self._told())  # noqa: S603 (ours)

    def kill(self, name: str) -> None:
        """Kill a program at once. **Errors**: `AssertionError` where it had ended before."""
        process = self._running.pop(name)
        assert process.poll() is None, f"{name} had ended with {process.returncode}"
        process.kill()
        process.wait()

    def end(self) -> None:
        """Ask all programs to end, and wait until they have."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait()

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
        """Return clients of everything that answers HTTP, which may do everything."""
        signed = self.issuer.token(
            tenant_id=TENANT,
            actor=Actor(kind="human", id="clerk-1"),
            scopes=ALL_SCOPES,
            now=now(),
            lifetime=timedelta(hours=1),
        )
        async with AsyncExitStack() as stack:
            clients = {}
            for name, url in self.urls.items():
                headers = {"Authorization": f"Bearer {signed}"}
                client = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, event_hooks=CARELESS)
                clients[name] = await stack.enter_async_context(client)
            yield clients

    def _told(self) -> dict[str, str]:
        settings = Settings(data=self.data)
        clearinghouse = {f"CLAIMLOG_{name}_CLEARINGHOUSE_URL": self.urls[SIMULATOR] for name in ("CLAIMS", "PAYMENTS")}
        state = {"CLAIMLOG_SIMULATOR_STATE_FILE": str(self.data / "simulator.jsonl")}
        return environment(self.data, **(told(settings, dict(self.databases), "") | clearinghouse | state))


@asynccontextmanager
async def separate(data: Path) -> AsyncIterator[Separate]:
    """Make what the programs need, and end those that were started."""
    names = [f"claimlog_{name}" for name in (*SERVICES, "keys", "log")]
    with DatabaseServer.running(data / "postgres") as server:
        await server.create(*names)
        programs = Separate(
            data=data,
            databases={name: server.url(name) for name in names},
            urls={name: f"http://127.0.0.1:{free_port()}" for name in (*SERVICES, SIMULATOR)},
            issuer=DevelopmentIssuer.from_folder(data / "keys", ISSUER),
        )
        try:
            yield programs
        finally:
            programs.end()


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=60, wait_initial=0.1, wait_max=0.5, attempts=None)
async def until_ready(client: httpx.AsyncClient) -> None:
    """Return once a service answers that it is ready."""
    assert (await client.get("/readyz")).status_code == 200
