"""Every page as people see it: no violation of accessibility, nothing from another host, nothing for thieves."""

from collections.abc import Callable
from typing import Final

import pytest

from tests.e2e.conftest import Served
from tests.e2e.console.conftest import Visitor

KB_MAX: Final = 150


def _of(system: Served, service: str, path: str, field: str) -> str:
    (first, *_) = system.get(f"/{service}/v1/{path}", page_size="1")["items"]
    return str(first[field])


PAGES: Final[dict[str, Callable[[Served], str]]] = {
    "home": lambda _: "/",
    "work": lambda _: "/work",
    "worklist": lambda _: "/work/claims/rejected-claims",
    "claim": lambda system: f"/claim/{system.claim['claim_id']}",
    "coding": lambda system: f"/encounter/{_of(system, 'coding', 'worklists/coder-queue', 'encounter_id')}",
    "coded": lambda system: f"/encounter/{_of(system, 'validation', 'worklists/findings-coder', 'encounter_id')}",
    "patient": lambda system: f"/patient/{system.claim['patient_id']}",
    "remittances": lambda _: "/remittances",
    "remittance": lambda system: f"/remittance/{_of(system, 'payments', 'remittances', 'remittance_id')}",
    "search": lambda _: "/search",
    "operator": lambda _: "/operator",
    "operator-parked": lambda _: "/operator/parked",
    "operator-read-models": lambda _: "/operator/read-models",
    "operator-settings": lambda _: "/operator/settings",
    "components": lambda _: "/components",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(visitor: Visitor, system: Served, name: str) -> None:
    visitor.sign_in("manager")
    page = visitor.go(PAGES[name](system))
    visitor.keep_screen(name)
    size = len(page.content().encode())
    visitor.page.emulate_media(color_scheme="dark")
    visitor.keep_screen(f"{name}-dark")

    assert visitor.violations() == []
    assert visitor.complaints == []
    assert {host.partition(":")[0] for host in visitor.hosts} == {"127.0.0.1"}
    assert size < KB_MAX * 1_000
    kept = page.evaluate("() => [document.cookie, {...localStorage, ...sessionStorage}]")
    assert kept[0] == ""
    assert set(kept[1]) <= {"htmx-current-path-for-history"}  # where the person is: an address, and no secret


def test_signing_in_can_be_done_by_keyboard_and_by_everybody(visitor: Visitor) -> None:
    page = visitor.go("/")
    visitor.keep_screen("sign-in")
    violations = visitor.violations()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.address}/")

    assert violations == []
    assert visitor.complaints == []
