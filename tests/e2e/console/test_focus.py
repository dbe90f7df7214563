"""Where the keyboard is, and what is read aloud: after a form, a new part, a dialog, a refusal."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.console.conftest import Visitor
from tests.e2e.console.test_by_keyboard import resubmitted

_HEAR: Final = """
addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => changes.forEach((each) => {
    if (each.target.closest('[aria-live=polite]')) document.body.dataset.heard = each.target.textContent.trim();
})).observe(document.body, {childList: true, subtree: true}));
"""
"""What a screen reader goes by: text that comes into a polite region, not text that was there from the start."""
_NAME: Final = "() => document.activeElement.getAttribute('href') || document.activeElement.textContent.trim()"


def refused(field: Locator) -> str:
    """Return what a field that was refused is said to lack; the keyboard is there."""
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    told_by = field.get_attribute("aria-describedby")
    told = field.page.locator(f"#{told_by}")
    expect(told).to_have_role("alert")
    return told.inner_text()


def test_what_was_done_is_read_and_the_keyboard_goes_on_below_it(visitor: Visitor, system: Served) -> None:
    claim_id = resubmitted(system)
    visitor.page.add_init_script(_HEAR)
    visitor.sign_in("biller")
    page = visitor.go(f"/claim/{claim_id}")
    page.get_by_label("Reason").fill("ask the payer")
    page.get_by_label("Reason").press("Enter")

    expect(page.locator("body")).to_have_attribute("data-heard", "Held: it stays here until somebody releases it.")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize(
    ("role", "path", "link"),
    [
        ("biller", "/", "#work .tiles a"),  # has an id
        ("biller", "/", "#work td a"),
        ("manager", "/work", "#lists a"),
        ("operator", "/operator/read-models", "#models button"),
    ],
)
def test_a_part_that_comes_anew_leaves_the_keyboard_where_it_was(
    visitor: Visitor, role: str, path: str, link: str
) -> None:
    visitor.sign_in(role)
    page = visitor.go(path)
    page.locator(link).last.focus()
    before = page.evaluate(_NAME)
    part = link.partition(" ")[0]
    page.locator(part).evaluate(
        "(part) => { part.dataset.isOld = 'yes'; document.body.dispatchEvent(new Event('live')); }"
    )
    expect(page.locator(part)).not_to_have_attribute("data-is-old", "yes")

    assert page.evaluate(_NAME) == before
    assert page.locator(f"{part} [role=alert], {part} [role=status], {part} [aria-live]").count() == 0


def test_what_is_gone_leaves_the_keyboard_at_its_part(visitor: Visitor) -> None:
    visitor.sign_in("manager")
    page = visitor.go("/work")
    page.locator("#lists").evaluate("""(part) => {
        const gone = document.createElement('button');
        part.append(gone);
        gone.focus();
        document.body.dispatchEvent(new Event('live'));
    }""")

    expect(page.locator("#lists")).to_be_focused()


def test_what_somebody_types_in_a_part_is_not_taken_away(visitor: Visitor) -> None:
    visitor.sign_in("manager")
    page = visitor.go("/work")
    page.locator("#lists").evaluate("""(part) => {
        const typed = document.createElement('input');
        part.append(typed);
        typed.focus();
    }""")
    page.keyboard.type("half a sen")
    with page.expect_response(re.compile("/work$")):
        page.evaluate("document.body.dispatchEvent(new Event('live'))")
    page.keyboard.type("tence")

    expect(page.locator("#lists input")).to_have_value("half a sentence")


def test_a_dialog_and_a_search_give_the_keyboard_back(visitor: Visitor) -> None:
    visitor.sign_in("biller")
    page = visitor.go("/work/claims/rejected-claims")
    page.keyboard.press("j")
    before = page.evaluate(_NAME)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    after_dialog = page.evaluate(_NAME)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")

    assert [after_dialog, page.evaluate(_NAME)] == [before, before]


def test_a_hold_that_comes_too_late_keeps_its_reason_and_says_why(visitor: Visitor, system: Served) -> None:
    claim_id = resubmitted(system)
    visitor.sign_in("biller")
    page = visitor.go(f"/claim/{claim_id}")
    for path in ("holds", "releases"):  # somebody else does, meanwhile
        body = {"reason": "looked-at"}
        system.http.post(f"/claims/v1/claims/{claim_id}/{path}", json=body).raise_for_status()
    page.get_by_label("Reason").fill("ask the payer")
    page.get_by_role("button", name="Hold").press("Enter")
    field = page.get_by_label("Reason")

    assert refused(field).startswith("Not done: somebody changed this meanwhile.")
    expect(field).to_have_value("ask the payer")
    page.get_by_role("button", name="Hold").press("Enter")
    expect(page.locator("#said")).to_contain_text("Held")


def test_a_day_that_is_none_is_said_at_its_field(visitor: Visitor, system: Served) -> None:
    visitor.sign_in("manager")
    page = visitor.go(f"/claim/{system.claim['claim_id']}?as_of=yesterday")

    assert refused(page.get_by_label("As of")) == "As of needs a day such as 2026-03-03."


def test_a_name_that_is_none_is_said_at_its_field(visitor: Visitor) -> None:
    page: Page = visitor.go("/sign-in")
    page.get_by_label("Name", exact=True).fill("   ")
    page.get_by_role("button", name="Sign in").press("Enter")

    assert refused(page.get_by_label("Name", exact=True)).startswith("Give a name")
