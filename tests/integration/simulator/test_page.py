"""The page for trainers in a real browser: Chromium without a window, on the simulator behind a real socket."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import stamina
from playwright.sync_api import Locator, Page, sync_playwright

from tests.support.programs import REPOSITORY, environment
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set
from tools.kafka.node import free_port

_BROWSERS: Final = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
_REQUIRED: Final = "CLAIMLOG_REQUIRE_BROWSER"


def _browser() -> str:
    """Return the Chromium of this machine; skip where there is none, unless the run says that there must be one."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        said = f"no browser here: install one of {', '.join(_BROWSERS)}"
        if os.environ.get(_REQUIRED) == "1":  # noqa: TID251 (a switch of the test run itself)
            pytest.fail(said)
        pytest.skip(said)
    return found


@stamina.retry(on=httpx.HTTPError, timeout=60, wait_initial=0.1, wait_max=0.5, attempts=None)
def _until_open(address: str) -> None:
    httpx.get(f"{address}/healthz").raise_for_status()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    port = str(free_port())
    env = environment(tmp_path, CLAIMLOG_SIMULATOR_PORT=port)
    program = [sys.executable, "-m", "apps.simulator.main"]
    with subprocess.Popen(program, cwd=REPOSITORY, env=env, stderr=subprocess.DEVNULL) as process:  # noqa: S603 (ours)
        try:
            _until_open(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def page() -> Iterator[Page]:
    browser = _browser()
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser)
        try:
            yield opened.new_page(viewport={"width": 1440, "height": 900})
        finally:
            opened.close()


def _send(address: str, *members: tuple[str, ...], number: int = 1) -> None:
    content = interchange(transaction_set(*members), number=number)
    httpx.post(f"{address}/interchanges", content=content, headers={"Idempotency-Key": str(number)}).raise_for_status()


def _follow(page: Page, button_or_link: Locator) -> None:
    """Click, and wait until the page that comes is whole: what is read after a mere click may be half of it."""
    with page.expect_navigation():
        button_or_link.click()


def _claims(page: Page) -> list[str]:
    _follow(page, page.get_by_role("link", name="Claims", exact=True))
    return [" ".join(row.inner_text().split()) for row in page.locator("tbody tr").all()]


def test_a_trainer_drives_the_payer(page: Page, address: str, tmp_path: Path) -> None:
    requests, complaints = list[str](), list[str]()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))

    page.goto(f"{address}/")
    _follow(page, page.get_by_role("link", name="Scenarios", exact=True))
    page.get_by_label("Payer id").fill("EXHP1")
    page.get_by_label("Member id").fill("M1")
    page.get_by_role("combobox", name="Scenario").select_option("PEND")
    _follow(page, page.get_by_role("button", name="Choose"))
    chosen = page.locator("tbody tr").inner_text()
    _send(address, member("M1", "C1", charges=("1250",)), member("DENY27A", "C2"), member("REJC1", "C3"))
    before = _claims(page)
    _follow(page, page.get_by_role("link", name="C1", exact=True))
    page.get_by_label("advance by").fill("31d")
    _follow(page, page.get_by_role("button", name="Advance"))
    claim = page.locator("h1").inner_text()
    files = page.get_by_role("region", name="Files").inner_text()
    after = _claims(page)
    page.screenshot(path=tmp_path / "claims.png", full_page=True)
    page.get_by_label("Number, member, payer or check").fill("deny27")
    _follow(page, page.get_by_role("button", name="Show"))
    found = page.locator("tbody tr").count()

    assert ("M1" in chosen, "pended" in chosen) == (True, True)
    assert ["pended" in row for row in sorted(before)] == [True, False, False]
    assert "paid" in claim
    assert ".835" in files
    assert ["$1,000.00" in row for row in sorted(after)] == [True, False, False]
    assert found == 1
    assert "deny27" not in page.url
    assert {url.removeprefix(address)[:1] for url in requests} == {"/"}
    assert complaints == []  # nothing was refused by the page's own policy


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_states_can_be_read(page: Page, address: str, scheme: str, tmp_path: Path) -> None:
    _send(address, member("PAID1", "C1"), member("DENY1", "C2"), member("PEND1", "C3"), member("REJC1", "C4"))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{address}/")
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    pairs = page.locator(".state").evaluate_all(_CONTRASTS)

    assert pairs
    assert min(pairs) >= 4.5


def test_is_driven_by_the_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/claims")
    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.name")
    page.keyboard.press("Tab")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")

    assert (skip, first) == ("Skip to the content", "state")
    assert "No such claim" in page.locator("main").inner_text()


_CONTRASTS: Final = """words => {
  const light = colour => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(each => each / 255);
    const [red, green, blue] = parts.map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  return words.map(word => {
    const ink = light(getComputedStyle(word).color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  });
}"""
