"""What an operator does: sees the services at work, fills a read model anew, and meets one that is silent."""

import re

from playwright.sync_api import expect

from tests.e2e.console.conftest import Visitor

SECONDS_MAX = 60_000


def test_an_operator_sees_five_services_and_rebuilds_a_read_model_without_reloading(visitor: Visitor) -> None:
    page = visitor.sign_in("operator")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url(re.compile("/operator$"))
    expect(page.locator("tbody .status", has_text=re.compile("ready$"))).to_have_count(5)
    page.get_by_role("navigation", name="Operator").get_by_role("link", name="Read models and long work").press("Enter")
    page.get_by_role("button", name="Rebuild claims of claims").press("Enter")
    expect(page.locator("#said")).to_contain_text("claims: claims is being rebuilt")
    work = page.get_by_role("region", name="Long work").get_by_role("row").nth(1)

    expect(work).to_contain_text("rebuild of claims")
    expect(work).to_contain_text("succeeded", timeout=SECONDS_MAX)  # the page asks for itself while something runs
    assert visitor.complaints == []


def test_settings_say_where_they_come_from_and_nothing_is_parked(visitor: Visitor) -> None:
    visitor.sign_in("operator")
    page = visitor.go("/operator/settings")
    row = page.get_by_role("region", name="Set").get_by_role("row").filter(has_text="token_issuer")
    expect(row).to_contain_text("environment")
    expect(row).to_contain_text("all")
    visitor.go("/operator/parked")

    expect(page.locator("main")).to_contain_text("Nothing is parked.")
