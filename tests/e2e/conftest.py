"""The sample practice driven once through everything; the tests look at what it left, and ask the services about it.

Once for all workers; and a small one of all kinds of patients, for tests that drive it another way and compare. Each
worker that wants one has a copy of the folder that the drive left.
"""

import fcntl
import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import stamina

from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.careless import say_nothing_of_note
from tests.support.folders import spacious
from tests.support.practice import copied
from tests.support.processes import Program, forked
from tests.support.programs import Finished, claimlog, environment
from tools.kafka.node import free_port

SMALL: Final = {1, 15, 23, 29, 32, 35, 37, 46, 51, 56, 58, 60}
"""Of the small practice: one of each scenario, without coverage, with one that ended, with two, a child, a spouse."""
_SHARED: Final = {"lock", "demo", "demo.json", "small", "small.json"}


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that ran. **Shape**: `data` holds its databases and exchange folder."""

    data: Path
    finished: Finished


@contextmanager
def _alone(shared: Path) -> Iterator[None]:
    """Hold what all workers share, as the only one of them."""
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def folder(testrun_uid: str, worker_id: str) -> Iterator[Path]:
    """Yield a worker's folder, which the database server's own user may enter; beside it lies what all share."""
    shared = Path(spacious() or tempfile.gettempdir()) / f"claimlog-e2e-{testrun_uid}"
    made = shared / worker_id
    made.mkdir(parents=True)
    yield made
    with _alone(shared):
        shutil.rmtree(made, ignore_errors=True)
        if {each.name for each in shared.iterdir()} <= _SHARED:  # nobody else is left
            shutil.rmtree(shared, ignore_errors=True)


def _driven(shared: Path, name: str, *words: str) -> Demo:
    """Return a demo that ran once for all workers; nobody writes there."""
    data, said = shared / name, shared / f"{name}.json"
    with _alone(shared):
        if not said.exists():
            said.write_text(json.dumps(asdict(claimlog("demo", "--json", *words, data=data))))
    return Demo(data, Finished(**json.loads(said.read_text())))


def _copy(made: Demo, data: Path) -> Demo:
    subprocess.run(["cp", "-a", str(made.data), str(data)], check=True)  # noqa: S603, S607 (keeps who owns them)
    return Demo(data, made.finished)


@pytest.fixture(scope="session")
def demo_in(folder: Path) -> Callable[[str], Demo]:
    """Return what gives the practice, as the demo left it, a folder of its own."""
    made = _driven(folder.parent, "demo")
    return lambda name: _copy(made, folder / name)


@pytest.fixture(scope="session")
def demo(demo_in: Callable[[str], Demo]) -> Demo:
    """Return the demo of a worker."""
    return demo_in("demo")


@pytest.fixture(scope="session")
def small_practice(folder: Path) -> Path:
    """Return the FHIR of the small practice."""
    return copied(folder / "small-practice", SMALL)


@pytest.fixture(scope="session")
def small(folder: Path, small_practice: Path) -> Demo:
    """Return a worker's demo of the small practice."""
    return _copy(_driven(folder.parent, "small", "--path", str(small_practice)), folder / "small")


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


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=90, wait_initial=0.1, wait_max=0.5, attempts=None)
def until_ready(port: str | int) -> None:
    """Return once what listens there answers for all services."""
    assert httpx.get(f"http://127.0.0.1:{port}/payments/readyz").status_code == 200


@contextmanager
def open_folder(data: Path, port: str | int, **more: str) -> Iterator[Program]:
    """Serve a folder while the block runs. **Shape**: `more` are further variables."""
    with forked("tests.support.embedded", told=environment(data, CLAIMLOG_PORT=str(port), **more)) as process:
        try:
            until_ready(port)
            yield process
        finally:
            process.send(signal.SIGTERM)  # it closes its database
            process.process.join(timeout=60)


@contextmanager
def serving(demo: Demo, **more: str) -> Iterator[Served]:
    """Yield what a demo left, behind HTTP. **Shape**: `more` are further variables, those that the demo ran with."""
    port = str(free_port())
    issuer = DevelopmentIssuer.from_folder(demo.data / "keys", "claimlog-development")
    actor = Actor(kind="human", id="operator-1")
    signed = issuer.token(tenant_id="demo", actor=actor, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
    with (
        open_folder(demo.data, port, **more),
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {signed}"},
            timeout=30,
            event_hooks={"request": [say_nothing_of_note]},
        ) as http,
    ):
        asked = {"submission": "accepted-by-payer", "work_owner": "nobody", "page_size": "1"}
        (claim,) = http.get("/claims/v1/claims", params=asked).raise_for_status().json()["items"]
        yield Served(demo.data, port, http, claim)


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[Served]:
    with serving(demo) as served:
        yield served
