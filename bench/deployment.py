"""Services as they are measured: all in one process, or each in its own, over one PostgreSQL server and one log.

Owns: starting, where each listens, which processes they are, ending all of them. Next: `serving.py` is one process.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, REPOSITORY, SERVICES, TENANT
from shared.runtime.clock import new_id
from shared.runtime.definition import Service
from shared.runtime.tokens import DevelopmentIssuer
from tools.kafka.node import free_port, free_ports

Mode: TypeAlias = Literal["one_process", "five_processes"]
CLEARINGHOUSE_USERS: Final = ("claims", "payments")
_END_SECONDS_MAX: Final = 60


class NotStarted(Exception):
    """A process ended before it served; its reason stands above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What runs. **Shape**: `addresses` are port and path prefix of each service and of the simulator."""

    data: Path
    server: DatabaseServer
    kafka_bootstrap: str
    topic_prefix: str
    addresses: Mapping[str, tuple[int, str]]
    process_ids: tuple[int, ...]

    def settings(self, service: str) -> dict[str, Any]:
        """Return what a service is told."""
        port, prefix = self.addresses["simulator"]
        return _told(self.data, self.server, self.kafka_bootstrap, self.topic_prefix, service) | (
            {"clearinghouse_url": f"http://127.0.0.1:{port}{prefix}"} if service in CLEARINGHOUSE_USERS else {}
        )

    def service(self, name: str) -> Service:
        """Return claims or payments as a value, over the stores of the deployment."""
        settings = import_module(f"services.{name}.settings").Settings.model_validate(self.settings(name))
        made: Service = import_module(f"services.{name}.main").service(settings)
        return made


@contextmanager
def deployed(mode: Mode, data: Path, server: DatabaseServer, kafka_bootstrap: str) -> Iterator[Deployment]:
    """Run the services while the block runs. **Shape**: without Kafka the log is a table. **Errors**: `NotStarted`."""
    started = _one_process if mode == "one_process" else _five_processes
    planned = Deployment(
        data=data,
        server=server,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=f"bench-{new_id()}",
        addresses={},
        process_ids=(),
    )
    with started(planned) as deployment:
        yield deployment


@contextmanager
def api_alone(service: str, data: Path, server: DatabaseServer) -> Iterator[tuple[int, int]]:
    """Run the API of one service without its worker; yield its process and port. **Errors**: `NotStarted`."""
    asyncio.run(server.create(*(f"claimlog_{name}" for name in (service, "keys"))))
    DevelopmentIssuer.from_folder(data / "keys", ISSUER)
    with _process(f"{service}-api", 0, _told(data, server, "", "bench", service)) as found:
        yield found


@contextmanager
def whole_beside(service: str, data: Path, server: DatabaseServer) -> Iterator[None]:
    """Run a service with its worker over the store of an API that runs alone: what that kept is worked off.

    **Errors**: `NotStarted`.
    """
    asyncio.run(server.create("claimlog_log"))
    with _process(service, free_port(), _told(data, server, "", "bench", service)):
        yield


@contextmanager
def api_beside(deployment: Deployment, service: str) -> Iterator[tuple[int, int]]:
    """Run one more API of a service, a replica without a worker; yield its process and port.

    **Errors**: `NotStarted`.
    """
    with _process(f"{service}-api", 0, deployment.settings(service)) as found:
        yield found


@contextmanager
def bare_route() -> Iterator[tuple[int, int]]:
    """Run a route that takes an encounter and does nothing; yield its process and port."""
    with _process("bare-route", 0, {}) as found:
        yield found


@contextmanager
def _one_process(planned: Deployment) -> Iterator[Deployment]:
    told = {
        "data": str(planned.data),
        "database_url": planned.server.url("postgres"),
        "kafka_bootstrap": planned.kafka_bootstrap,
        "topic_prefix": planned.topic_prefix,
        "port": "0",
    }
    with _process("embedded", 0, told) as (process_id, port):
        addresses = {name: (port, f"/{name}") for name in (*SERVICES, "simulator")}
        yield replace(planned, addresses=addresses, process_ids=(process_id,))


@contextmanager
def _five_processes(planned: Deployment) -> Iterator[Deployment]:
    """Run the simulator and each service in its own process, started one after another."""
    asyncio.run(planned.server.create(*(f"claimlog_{name}" for name in (*SERVICES, "keys", "log"))))
    DevelopmentIssuer.from_folder(planned.data / "keys", ISSUER)
    names = ("simulator", *SERVICES)
    addresses = {name: (port, "") for name, port in zip(names, free_ports(len(names)), strict=True)}
    deployment = replace(planned, addresses=addresses)
    told = {name: deployment.settings(name) for name in SERVICES}
    told["simulator"] = {"state_file": str(planned.data / "simulator.jsonl")}
    with ExitStack() as stack:
        process_ids = []
        for name, (port, _) in deployment.addresses.items():
            process_id, _ = stack.enter_context(_process(name, port, told[name]))
            process_ids.append(process_id)
        yield replace(deployment, process_ids=tuple(process_ids))


def _told(data: Path, server: DatabaseServer, kafka_bootstrap: str, topic_prefix: str, service: str) -> dict[str, Any]:
    keys = data / "keys"
    return {
        "tenant_id": TENANT,
        "database_url": server.url(f"claimlog_{service}"),
        "keys_database_url": server.url("claimlog_keys"),
        "log_url": f"kafka://{kafka_bootstrap}" if kafka_bootstrap else server.url("claimlog_log"),
        "kms_key_file": str(keys / "development.key"),
        "token_keys_file": str(keys / "token-keys.json"),
        "token_issuer": ISSUER,
        "tables_folder": str(REPOSITORY / "reference"),
        "topic_prefix": topic_prefix,
    }


@contextmanager
def _process(name: str, port: int, told: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Start one process; yield its id and the port that it listens on; end it."""
    env = dict(os.environ)  # noqa: TID251 (handed on; a service reads its own variables from it)
    prefix = f"CLAIMLOG_{name.partition('-')[0].upper()}_"
    env |= {f"{prefix}{key.upper()}": value for key, value in told.items()}
    with subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "bench.serving", name, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("pipes were asked for")
        try:
            line = child.stdout.readline()
            if not line:
                raise NotStarted(f"{name} did not start; its reason stands above")
            yield child.pid, json.loads(line)["port"]
        finally:
            child.stdin.close()
            try:
                child.wait(_END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                child.kill()
