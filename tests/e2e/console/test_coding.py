"""A coder works off the queue without a mouse: opens a case, finds a code by words, signs, and has the next one."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

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
    page.goto(case)
    expect(page.locator(".signed")).to_contain_text("Version 1 assigned by ann")
    expect(page.get_by_label(row, exact=True)).to_have_value("J02.9")
