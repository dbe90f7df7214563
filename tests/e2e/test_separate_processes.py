"""Each service as a program of its own: an API that is ready without the log, and a worker that publishes."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import stamina

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.log import partition_of
from shared.runtime.log_postgres import PostgresLog
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.programs import REPOSITORY, environment
from tools.kafka.node import free_port

PATIENT = {
    "mrn": "MRN-1",
    "name": {"family": "Sample", "given": "Ada"},
    "birth_on": "1970-05-15",
    "sex": "female",
    "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
}


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[DatabaseServer]:
    with DatabaseServer.running(folder / "separate" / "postgres") as running:
        yield running


@contextmanager
def program(*arguments: str, env: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", *arguments], cwd=REPOSITORY, env=env) as process:  # noqa: S603 (ours)
        try:
            yield
        finally:
            process.terminate()


def told(service: str, server: DatabaseServer, keys: Path) -> dict[str, str]:
    prefix = f"CLAIMLOG_{service.upper()}_"
    given = {
        "DATABASE_URL": server.url(f"claimlog_{service}"),
        "KEYS_DATABASE_URL": server.url("claimlog_keys"),
        "LOG_URL": server.url("claimlog_log"),
        "KMS_KEY_FILE": str(keys / "development.key"),
        "TOKEN_KEYS_FILE": str(keys / "token-keys.json"),
    }
    return {prefix + name: value for name, value in given.items()}


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=30, wait_initial=0.1, wait_max=0.5, attempts=None)
def until_ready(url: str) -> None:
    assert httpx.get(f"{url}/readyz").status_code == 200


def test_five_apis_and_a_worker(server: DatabaseServer, folder: Path) -> None:
    asyncio.run(server.create(*(f"claimlog_{name}" for name in (*SERVICES, "keys", "log"))))
    keys = folder / "separate" / "keys"
    issuer = DevelopmentIssuer.from_folder(keys, "claimlog-development")
    signed = issuer.token(
        tenant_id="demo",
        actor=Actor(kind="human", id="clerk-1"),
        scopes=ALL_SCOPES,
        now=now(),
        lifetime=timedelta(minutes=5),
    )
    urls = {name: f"http://127.0.0.1:{free_port()}" for name in SERVICES}
    with ExitStack() as stack:
        for name, url in urls.items():
            env = environment(folder, **told(name, server, keys))
            port = url.rsplit(":", 1)[1]
            main = f"services.{name}.main"
            stack.enter_context(
                program("uvicorn", "--factory", f"{main}:app", "--port", port, "--log-level", "warning", env=env)
            )
            if name == "registration":
                stack.enter_context(program("shared.runtime.worker", main, env=env))
        for url in urls.values():
            until_ready(url)
            assert httpx.get(f"{url}/v1/worklists").status_code == 401

        registered = httpx.post(
            f"{urls['registration']}/v1/patients", json=PATIENT, headers={"Authorization": f"Bearer {signed}"}
        )
        assert registered.status_code == 201, registered.text
        asyncio.run(published(server, registered.json()["patient_id"]))


async def published(server: DatabaseServer, patient_id: str) -> None:
    place = ("claimlog.registration", partition_of(patient_id, 4))
    async with PostgresLog.open(server.url("claimlog_log")) as log:
        async for attempt in stamina.retry_context(on=AssertionError, timeout=20, wait_initial=0.1, attempts=None):
            with attempt:
                last = await log.last(place)
                assert last is not None
                assert last.key.decode() == patient_id
                assert b"Sample" not in last.value
