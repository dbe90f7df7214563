"""A browser on the console, over the sample practice: one system for all stories of a worker, one browser a module."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.conftest import Demo, Served, serving
from tests.support.programs import REPOSITORY

_BROWSERS: Final = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
_REQUIRED: Final = "CLAIMLOG_REQUIRE_BROWSER"
_ANSWER_MILLISECONDS_MAX: Final = 20_000
_SCREENS: Final = REPOSITORY / "var" / "screens"
_AXE: Final = (REPOSITORY / "tests" / "support" / "axe.min.js").read_text()
_RUN_AXE: Final = """() => axe.run().then((found) => found.violations.map(
    (each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')))"""


@pytest.fixture(scope="session")
def system(demo_in: Callable[[str], Demo]) -> Iterator[Served]:
    """Yield the practice behind HTTP, in a folder of its own: here people change it. Claims wait long for a file."""
    with serving(demo_in("console"), CLAIMLOG_CLAIMS_BATCH_WAIT_SECONDS="3600") as served:
        yield served


@pytest.fixture(scope="session")
def address(system: Served) -> str:
    return f"http://127.0.0.1:{system.port}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Yield a browser. **Shape**: for one module: while it is open, no test of the worker can run a loop of its own."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        said = f"no browser here: install one of {', '.join(_BROWSERS)}"
        if os.environ.get(_REQUIRED) == "1":  # noqa: TID251 (a switch of the test run itself)
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found)
        yield opened
        opened.close()


class Visitor:
    """Somebody at a browser. **Shape**: `complaints` is what the browser's console said: a refused script, say."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda sent: self.hosts.add(sent.url.split("/")[2]))

    def sign_in(self, role: str) -> Page:
        """Sign in as a role; return the page, which is home then."""
        self.page.goto(f"{self.address}/sign-in")
        self.page.get_by_label("Name", exact=True).fill("ann")
        self.page.locator(f"input[value={role}]").check()
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.address}/")
        return self.page

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.address + path)
        return self.page

    def keep_screen(self, name: str, *, whole: bool = True) -> None:
        """Keep a picture of the page, for people to look at; that of `console` is docs/console.png of the README."""
        _SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=_SCREENS / f"{name}.png", full_page=whole)

    def violations(self) -> list[str]:
        """Return what axe finds on the page, light and dark. **Source**: WCAG 2.1 AA and axe's best practices."""
        found: list[str] = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            self.page.evaluate(_AXE)  # by the debugger, which the page's own policy does not bind
            found += [f"{scheme}: {each}" for each in self.page.evaluate(_RUN_AXE)]
        self.page.emulate_media(color_scheme="light")
        return found


@pytest.fixture
def visitor(chromium: Browser, address: str) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(_ANSWER_MILLISECONDS_MAX)
    expect.set_options(timeout=_ANSWER_MILLISECONDS_MAX)
    try:
        yield Visitor(context, address)
    finally:
        context.close()


@pytest.fixture
def desk(visitor: Visitor) -> Callable[[str], Page]:
    return visitor.sign_in
