"""The programs of each image, started from the files that the image holds, with what a cluster puts around them.

No container is built: the files of an image are laid out in a folder of their own, and the interpreter sees that, the
packages of the images' lock, and nothing else. So a file that was forgotten, an import of another service and a name
that Kubernetes takes are found.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest
import stamina

from apps.embedded.addresses import told
from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, SERVICES, Settings
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.programs import REPOSITORY
from tools.images import IMAGES, lay_out
from tools.kafka.node import free_port, free_ports

INJECTED = {
    "KUBERNETES_SERVICE_HOST": "10.96.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
    **{f"{name.upper()}_SERVICE_HOST": "10.96.0.10" for name in IMAGES},
    **{f"{name.upper()}_SERVICE_PORT": "80" for name in IMAGES},
    **{f"{name.upper()}_PORT": "tcp://10.96.0.10:80" for name in IMAGES},
    **{f"{name.upper()}_PORT_80_TCP_ADDR": "10.96.0.10" for name in IMAGES},
}
"""What the kubelet tells every pod about a Service of each name, where nobody asks it not to."""


@pytest.fixture(scope="module")
def packages(folder: Path) -> Path:
    """Return a folder with links to the packages of the images' lock, and to no others."""
    made = folder / "packages"
    made.mkdir()
    lock = (REPOSITORY / "requirements-service.lock").read_text(encoding="utf-8")
    for name in re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[^\]]*\])?==", lock):
        if name != "colorama":  # for another system
            _link(name, made)
    return made


def _link(name: str, folder: Path) -> None:
    found = distribution(name)
    for top in {Path(str(each)).parts[0] for each in found.files or ()} - {"..", "__pycache__"}:
        place = folder / top
        if not place.exists():
            place.symlink_to(Path(str(found.locate_file(top))))


@pytest.fixture(scope="module")
def environment(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield what each program is told, with databases that are there, and what a cluster tells it besides."""
    data = folder / "images"
    names = [f"claimlog_{name}" for name in (*SERVICES, "keys", "log")]
    DevelopmentIssuer.from_folder(data / "keys", ISSUER)
    with DatabaseServer.running(data / "postgres") as server:
        asyncio.run(server.create(*names))
        urls = {name: server.url(name) for name in names}
        tables = {f"CLAIMLOG_{name.upper()}_TABLES_FOLDER": "reference" for name in SERVICES}
        yield INJECTED | told(Settings(data=data), urls, clearinghouse="http://127.0.0.1:9/simulator") | tables


@contextmanager
def started(root: Path, packages: Path, told_: Mapping[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as an image does: no other path, no site, no variable of this machine."""
    compiled = packages.with_name("compiled")  # as the image: nothing is written beside the files
    paths = {"PYTHONPATH": f"{root / 'app'}:{packages}", "PYTHONPYCACHEPREFIX": str(compiled), "PATH": "/usr/bin:/bin"}
    env = {**told_, **paths}
    with subprocess.Popen([sys.executable, "-S", "-m", *words], cwd=root / "app", env=env) as process:  # noqa: S603 (ours)
        try:
            yield process
        finally:
            process.terminate()


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=60, wait_initial=0.1, wait_max=0.5, attempts=None)
def answers(process: subprocess.Popen[bytes], url: str) -> None:
    if process.poll() is not None:
        pytest.fail(f"it ended with {process.returncode}; its words are above")
    assert httpx.get(url).status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_api_and_worker_start_from_the_files_of_their_image(
    service: str, tmp_path: Path, packages: Path, environment: Mapping[str, str]
) -> None:
    lay_out(service, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    module, (api, worker) = f"services.{service}.main", free_ports(2)
    shown = {f"CLAIMLOG_{service.upper()}_METRICS_ADDRESS": f"127.0.0.1:{worker}"}
    listening = ("--address", f"127.0.0.1:{api}", "--end-seconds", "0")
    with (
        started(tmp_path, packages, environment, "shared.runtime.api", module, *listening) as one,
        started(tmp_path, packages, {**environment, **shown}, "shared.runtime.worker", module) as other,
    ):
        answers(one, f"http://127.0.0.1:{api}/healthz")
        answers(one, f"http://127.0.0.1:{api}/readyz")
        answers(other, f"http://127.0.0.1:{worker}/metrics")

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before, "an image's files are read only"


def test_simulator_starts_from_the_files_of_its_image(tmp_path: Path, packages: Path) -> None:
    lay_out("simulator", tmp_path)
    port = free_port()
    with started(
        tmp_path, packages, {**INJECTED, "CLAIMLOG_SIMULATOR_PORT": str(port)}, "apps.simulator.main"
    ) as process:
        answers(process, f"http://127.0.0.1:{port}/healthz")


def test_console_starts_from_the_files_of_its_image(tmp_path: Path, packages: Path) -> None:
    lay_out("console", tmp_path)
    DevelopmentIssuer.from_folder(tmp_path / "keys", ISSUER)
    told_ = {**INJECTED, "CLAIMLOG_CONSOLE_ISSUER_FILE": str(tmp_path / "keys" / "issuer.json")}
    port = free_port()
    words = ("shared.runtime.api", "apps.console.main", "--address", f"127.0.0.1:{port}", "--end-seconds", "0")
    with started(tmp_path, packages, told_, *words) as process:
        answers(process, f"http://127.0.0.1:{port}/healthz")


@pytest.mark.parametrize("service", SERVICES)
def test_no_image_holds_another_service(service: str, tmp_path: Path) -> None:
    lay_out(service, tmp_path)

    assert {path.name for path in (tmp_path / "app" / "services").iterdir()} == {"__init__.py", service}
    assert not (tmp_path / "app" / "apps").exists()
