"""A service that is down: pages say which one, and show the rest."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
import stamina
from playwright.sync_api import Browser

from apps.console.settings import PREFIX, Settings
from tests.e2e.conftest import Served
from tests.e2e.console.conftest import Visitor
from tests.support.programs import REPOSITORY, environment
from tools.kafka.node import free_port

DOWN = "payments"


@stamina.retry(on=httpx.HTTPError, timeout=60, wait_initial=0.1, wait_max=0.5, attempts=None)
def _until_open(address: str) -> None:
    httpx.get(f"{address}/healthz").raise_for_status()


@pytest.fixture
def lame(system: Served, address: str) -> Iterator[str]:
    """Yield the address of a console of its own, which looks for one of the services where nobody listens."""
    urls = {f"{PREFIX}{name.upper()}_URL": f"{address}/{name}" for name in Settings().urls}
    told = {
        **urls,
        f"{PREFIX}{DOWN.upper()}_URL": f"http://127.0.0.1:{free_port()}",
        f"{PREFIX}ISSUER_FILE": str(system.data / "keys" / "issuer.json"),
    }
    at = f"127.0.0.1:{free_port()}"
    words = ["-m", "shared.runtime.api", "apps.console.main", "--address", at, "--end-seconds", "0"]
    with subprocess.Popen(  # noqa: S603 (ours)
        [sys.executable, *words], cwd=REPOSITORY, env=environment(system.data, **told), stderr=subprocess.DEVNULL
    ) as process:
        try:
            _until_open(f"http://{at}")
            yield f"http://{at}"
        finally:
            process.terminate()


def test_pages_name_the_service_that_is_down_and_show_the_rest(chromium: Browser, system: Served, lame: str) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    visitor = Visitor(context, lame)
    page = visitor.sign_in("manager")
    home = page.locator("main").inner_text()
    visitor.go(f"/claim/{system.claim['claim_id']}")
    visitor.keep_screen("without-payments")
    said, claim = page.get_by_role("alert").first.inner_text(), page.locator("main").inner_text()
    violations = visitor.violations()
    visitor.go("/remittances")
    remittances = page.locator("main").inner_text()
    context.close()

    assert said.startswith(f"{DOWN}:")
    assert "does not answer" in said
    assert "Codes and prices" in claim
    assert system.claim["patient_control_number"] in claim
    assert "rejected claims" in home
    assert f"{DOWN}:" in remittances
    assert violations == []
