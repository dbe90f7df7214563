"""The sample practice driven once through everything; the tests look at what it left, and ask the services about it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.careless import say_nothing_of_note
from tests.support.programs import REPOSITORY, Finished, claimlog, environment
from tools.kafka.node import free_port


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that ran. **Shape**: `data` holds its databases and exchange folder."""

    data: Path
    finished: Finished


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Yield a folder that the database server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-e2e-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def demo(folder: Path) -> Demo:
    data = folder / "demo"
    return Demo(data, claimlog("demo", "--json", data=data))


@dataclass(frozen=True, slots=True)
class Served:
    """The sample practice behind HTTP, a client of it, and a claim of it that was paid."""

    data: Path
    port: str
    http: httpx.Client
    claim: dict[str, Any]

    def show(self, *options: str) -> Finished:
        """Run `claimlog show claim`."""
        return claimlog("show", "claim", *options, data=self.data, CLAIMLOG_PORT=self.port)

    def shown(self, *options: str) -> dict[str, Any]:
        """Return what it says to programs."""
        finished = self.show(self.claim["claim_id"], "--json", *options)
        assert finished.code == 0, finished.err
        return dict(finished.outcome)

    def get(self, path: str, **asked: str) -> Any:  # noqa: ANN401 (JSON)
        """Return what a service answers."""
        return self.http.get(path, params=asked).raise_for_status().json()


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=60, wait_initial=0.1, wait_max=0.5, attempts=None)
def until_ready(http: httpx.Client) -> None:
    assert http.get("/payments/readyz").status_code == 200


@contextmanager
def serving(demo: Demo, **more: str) -> Iterator[Served]:
    """Yield what a demo left, behind HTTP. **Shape**: `more` are further variables, those that the demo ran with."""
    port = str(free_port())
    issuer = DevelopmentIssuer.from_folder(demo.data / "keys", "claimlog-development")
    actor = Actor(kind="human", id="operator-1")
    signed = issuer.token(tenant_id="demo", actor=actor, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
    env = environment(demo.data, CLAIMLOG_PORT=port, **more)
    program = [sys.executable, "-m", "apps.embedded.main", "run"]
    headers = {"Authorization": f"Bearer {signed}"}
    with (
        subprocess.Popen(program, cwd=REPOSITORY, env=env, stderr=subprocess.DEVNULL) as process,  # noqa: S603 (ours)
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers=headers,
            timeout=30,
            event_hooks={"request": [say_nothing_of_note]},
        ) as http,
    ):
        try:
            until_ready(http)
            asked = {"submission": "accepted-by-payer", "work_owner": "nobody", "page_size": "1"}
            (claim,) = http.get("/claims/v1/claims", params=asked).raise_for_status().json()["items"]
            yield Served(demo.data, port, http, claim)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[Served]:
    with serving(demo) as served:
        yield served
