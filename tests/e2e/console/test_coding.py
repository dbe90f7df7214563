"""A coder at work: the queue without a mouse, codes that come too late, findings that may pass."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Served

QUEUE = "/work/coding/coder-queue?reason=no-diagnosis-code"


def test_a_coder_works_off_the_queue_by_keyboard(desk: Callable[[str], Page], address: str) -> None:
    page = desk("coder")
    page.goto(address + QUEUE)
    keys = page.keyboard
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/encounter/*")
    case = page.url
    gap = page.locator("#draft [role=combobox]:focus")
    expect(gap).to_have_value("")  # where the documentation has only words

    keys.type("acute pharyngitis unspecified")
    choice = page.locator("#draft .choices:not([hidden]) [role=option]", has_text="Acute pharyngitis, unspecified")
    choice.wait_for()
    row = gap.get_attribute("aria-label") or ""
    while choice.get_attribute("aria-selected") != "true":
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_label(row, exact=True)).to_have_value("J02.9")
    page.get_by_role("status").filter(has_text=re.compile("rule|error|warning")).wait_for()

    keys.press("Control+Enter")
    page.wait_for_url(lambda url: url != case)
    expect(page.locator("#said")).to_contain_text("Codes assigned as version 1.")
    expect(page.locator("#draft [role=combobox]:focus")).to_have_value("")  # the next one is at hand
    page.goto(case)
    expect(page.locator(".signed")).to_contain_text("Version 1 assigned by ann")
    expect(page.get_by_label(row, exact=True)).to_have_value("J02.9")


def test_a_refresh_and_a_double_click_assign_once(desk: Callable[[str], Page], system: Served, address: str) -> None:
    page = desk("coder")
    encounter_id, code = gap_of_a_case(page, address)
    code.fill("J02.9")
    page.get_by_role("button", name="Assign and stay").dblclick()
    expect(page.locator("#said")).to_contain_text("Codes assigned as version 1.")
    page.reload()
    page.go_back()
    page.go_forward()

    assert [each["actor"]["id"] for each in assignments(system, encounter_id)] == ["ann"]


def test_codes_that_come_too_late_are_kept_and_can_replace_the_others(
    desk: Callable[[str], Page], system: Served, address: str
) -> None:
    page = desk("coder")
    encounter_id, code = gap_of_a_case(page, address)
    code.fill("J02.9")
    others = {"diagnoses": ["J02.0"], "lines": [{"procedure_code": "99212", "units": 1, "pointers": [1]}]}
    system.http.post(f"/coding/v1/encounters/{encounter_id}/code-assignments", json=others).raise_for_status()
    page.get_by_role("button", name="Assign and stay").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Somebody else assigned codes meanwhile")
    expect(page.locator(".signed")).to_contain_text("J02.0")
    page.reload()  # sends the form again, which still rests on what it was shown
    expect(page.get_by_role("alert")).to_contain_text("Somebody else assigned codes meanwhile")
    expect(code).to_have_value("J02.9")
    page.get_by_role("button", name="Assign and stay").press("Enter")
    expect(page.locator("#said")).to_contain_text("Codes assigned as version 2.")

    assert [each["actor"]["id"] for each in assignments(system, encounter_id)] == ["operator-1", "ann"]


def test_a_finding_is_let_pass_with_a_reason_and_that_is_withdrawn(
    desk: Callable[[str], Page], system: Served, address: str
) -> None:
    encounter_id, rule_id = passable(system)
    page = desk("coder")
    page.goto(f"{address}/encounter/{encounter_id}")
    found = page.get_by_role("region", name="What the rules found")
    found.get_by_text("Let it pass…").first.press("Enter")
    found.get_by_label("Reason").first.select_option("rule-does-not-fit")
    found.get_by_label("Note").first.fill("agreed by phone")
    found.get_by_role("button", name="Let it pass").first.press("Enter")
    expect(page.locator("#said")).to_contain_text("It may pass")
    expect(found).to_contain_text("Let pass by ann, rule does not fit")
    overridden = finding(system, encounter_id, rule_id)["overridden"]

    found.get_by_text("Withdraw…").press("Enter")
    found.get_by_label("Why").fill("the payer wrote otherwise")
    found.get_by_role("button", name="Withdraw").press("Enter")
    expect(page.locator("#said")).to_contain_text("the finding counts again")
    expect(found).not_to_contain_text("Let pass by")

    assert (overridden["overridden_by"], overridden["reason"]) == ("ann", "rule-does-not-fit")
    assert finding(system, encounter_id, rule_id)["overridden"] is None


def test_who_lets_a_finding_pass_too_late_keeps_the_note(
    desk: Callable[[str], Page], system: Served, address: str
) -> None:
    encounter_id, rule_id = passable(system)
    page = desk("coder")
    page.goto(f"{address}/encounter/{encounter_id}")
    path = f"/validation/v1/scrubs/{encounter_id}"
    body = {"rule_id": rule_id, "coding_version": 1, "note": "a mistake"}
    for step, more in (("overrides", {"reason": "payer-allows"}), ("withdrawals", {})):  # by somebody else, meanwhile
        system.http.post(f"{path}/{step}", json=body | more).raise_for_status()
    found = page.get_by_role("region", name="What the rules found")
    found.get_by_text("Let it pass…").first.press("Enter")
    found.get_by_label("Reason").first.select_option("payer-allows")
    found.get_by_label("Note").first.fill("agreed by phone")
    found.get_by_role("button", name="Let it pass").first.press("Enter")

    expect(found.get_by_role("alert")).to_contain_text("somebody changed this meanwhile")
    expect(found.get_by_label("Reason").first).to_be_focused()
    expect(found.get_by_label("Note").first).to_have_value("agreed by phone")


# -- what is looked at ---------------------------------------------------------------------------------------------


def gap_of_a_case(page: Page, address: str) -> tuple[str, Locator]:
    """Open the first case of the queue; return which it is, and the field that needs a code."""
    page.goto(address + QUEUE)
    page.locator("tbody a").first.press("Enter")
    page.wait_for_url("**/encounter/*")
    field = page.locator("#draft [role=combobox]:focus")
    name = field.get_attribute("aria-label") or ""
    return page.url.rpartition("/")[2], page.get_by_label(name, exact=True)


def assignments(system: Served, encounter_id: str) -> list[Any]:
    """Return the facts of codes that were assigned."""
    facts = system.get(f"/coding/v1/streams/coding_case-{encounter_id}")["facts"]
    return [each for each in facts if each["type"] == "CodesAssigned"]


def passable(system: Served) -> tuple[str, str]:
    """Return a visit, and which of its findings may pass: the first one."""
    rows = system.get("/validation/v1/worklists/findings-biller", page_size="100")["items"]
    return next(
        (row["encounter_id"], row["rule_id"])
        for row in rows
        if system.get(f"/validation/v1/rules/{row['rule_id']}")["overridable"]
    )


def finding(system: Served, encounter_id: str, rule_id: str) -> dict[str, Any]:
    """Return what a rule found in the codes of a visit."""
    found = system.get(f"/validation/v1/scrubs/{encounter_id}")["findings"]
    return next(each for each in found if each["rule_id"] == rule_id)
