"""What people do here, one story to a page, without a mouse where a person would not take one."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Served
from tests.e2e.console.conftest import Visitor
from tests.e2e.console.test_by_keyboard import resubmitted


def _opened(page: Page) -> str:
    """Return what the page is about: its first heading."""
    return page.locator("h1").first.inner_text()


def test_a_biller_finds_the_work_of_today_and_opens_the_first_of_it_by_keys(visitor: Visitor) -> None:
    page = visitor.sign_in("biller")
    page.get_by_role("region", name="My turn").get_by_role("link", name=re.compile("rejected claims")).press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/claim/"))

    expect(page.get_by_text("rejected by")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Resubmit")).to_be_visible()


def test_a_worklist_is_filtered_by_reason_and_sorted_and_the_address_keeps_it(visitor: Visitor) -> None:
    visitor.sign_in("biller")
    page = visitor.go("/work/claims/rejected-claims")
    page.get_by_role("navigation", name="By reason").get_by_role("link").nth(1).press("Enter")
    page.wait_for_url(re.compile("reason="))
    page.get_by_role("link", name=re.compile("^Charge")).press("Enter")
    page.wait_for_url(re.compile("order=amount"))
    page.get_by_role("link", name=re.compile("^Charge")).press("Enter")
    page.wait_for_url(re.compile("order=-amount"))
    kept = page.url
    charges = [each.inner_text() for each in page.locator("tbody td.money").all()]
    cents = [int(re.sub(r"\D", "", each)) for each in charges]
    visitor.go(kept.removeprefix(visitor.address))

    assert "reason=" in kept
    assert "order=-amount" in kept
    assert cents == sorted(cents, reverse=True)
    assert [each.inner_text() for each in page.locator("tbody td.money").all()] == charges


def test_several_claims_are_resubmitted_once_after_a_look_and_a_double_click(visitor: Visitor, system: Served) -> None:
    visitor.sign_in("biller")
    page = visitor.go("/work/claims/rejected-claims")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Resubmit the chosen").press("Enter")
    expect(page.get_by_role("heading", name="Resubmit 2 claims?")).to_be_visible()
    chosen = [each.get_attribute("value") or "" for each in page.locator("input[name=id]").all()]
    page.get_by_role("button", name="Resubmit", exact=True).dblclick()
    page.wait_for_url(re.compile("/work/claims/rejected-claims$"))
    said = page.locator("#said").inner_text()
    page.reload()
    page.go_back()
    page.go_forward()

    timelines = [system.get(f"/claims/v1/claims/{each.split()[0]}/timeline")["entries"] for each in chosen]

    assert "2 claims asked to go out again." in said
    assert [[each["fact"] for each in entries].count("ClaimResubmissionAsked") for entries in timelines] == [1, 1]


def test_a_claim_is_held_and_released_once_whatever_is_clicked_twice(visitor: Visitor, system: Served) -> None:
    claim_id = resubmitted(system)
    visitor.sign_in("biller")
    page = visitor.go(f"/claim/{claim_id}")
    for verb, told in (("Hold", "Held"), ("Release", "Released")):
        page.get_by_label("Reason").fill("ask the payer")
        page.get_by_role("button", name=verb).dblclick()
        expect(page.locator("#said")).to_contain_text(told)
        page.reload()
        page.go_back()
        page.go_forward()
    facts = [each["fact"] for each in system.get(f"/claims/v1/claims/{claim_id}/timeline")["entries"]]

    assert (facts.count("ClaimHeld"), facts.count("ClaimHoldReleased")) == (1, 1)


def test_every_cent_of_a_claim_leads_to_its_posting_and_the_segments_of_its_835(
    visitor: Visitor, system: Served
) -> None:
    visitor.sign_in("poster")
    page = visitor.go(f"/claim/{system.claim['claim_id']}")
    charged = page.locator("tfoot .money").first.inner_text()
    page.get_by_role("link", name="835 segments").first.press("Enter")
    page.wait_for_url(re.compile("/file"))
    marked = page.locator(".segments li.here").inner_text()
    visitor.keep_screen("segments")

    assert charged.startswith("$")
    assert marked.startswith("CLP*")
    assert system.claim["patient_control_number"] in marked


def test_a_claim_tells_its_whole_story_and_is_shown_as_it_was(visitor: Visitor, system: Served) -> None:
    visitor.sign_in("manager")
    page = visitor.go(f"/claim/{system.claim['claim_id']}")
    visitor.keep_screen("console", whole=False)
    story = page.get_by_role("region", name="What happened").inner_text()
    facts = ("Patient registered", "Encounter documented", "Codes assigned", "Codes validated", "Claim submitted")
    places = [story.index(each) for each in facts]
    visitor.go(f"/claim/{system.claim['claim_id']}?as_of=2020-01-01")

    assert places == sorted(places)
    assert "no claim" in page.get_by_role("alert").inner_text().lower()


def test_anything_is_found_by_its_number_and_a_person_by_name_and_birth_date(visitor: Visitor, system: Served) -> None:
    patient = system.get(f"/registration/v1/patients/{system.claim['patient_id']}")
    name = patient["name"]
    visitor.sign_in("front-desk")
    page = visitor.page
    texts = {
        system.claim["patient_control_number"]: "/claim/",
        system.claim["payer_claim_number"]: "/claim/",
        patient["mrn"]: "/patient/",
        f"{name['family']}, {name['given']} {patient['birth_on']}": "/patient/",
    }
    for text, path in texts.items():
        page.keyboard.press("/")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(path))
        assert text not in page.url
        visitor.go("/search")

    page.keyboard.press("/")
    page.keyboard.type("nothing-has-this-number")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing has this number")).to_be_visible()


def test_a_patient_sees_in_plain_words_what_is_owed_and_why(visitor: Visitor, system: Served) -> None:
    owing = next(
        each["patient_id"]
        for each in system.get("/claims/v1/claims", page_size="100")["items"]
        if system.http.get(f"/payments/v1/patient-balances/{each['patient_id']}").status_code == 200
    )
    due = system.get(f"/payments/v1/patient-balances/{owing}")["due_cents"]
    visitor.sign_in("front-desk")
    page = visitor.go(f"/patient/{owing}")

    expect(page.get_by_role("heading", name=re.compile("^Owes"))).to_contain_text(f"${due // 100:,}.{due % 100:02d}")
    expect(page.get_by_text("deductible").first).to_be_visible()


def test_the_tour_leads_to_a_claim_of_each_kind(visitor: Visitor) -> None:
    for stop, word in (("paid", "paid"), ("denied", "denied"), ("rejected", "rejected")):
        page = visitor.sign_in("manager")
        page.get_by_role("link", name=f"A claim that was {stop}").press("Enter")
        page.wait_for_url(re.compile("/claim/"))
        assert word in page.get_by_role("region", name="Where it stands").inner_text()


def test_the_keys_are_told_and_the_dialog_lets_go(visitor: Visitor) -> None:
    page = visitor.sign_in("manager")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url(f"{visitor.address}/remittances")

    assert _opened(page) == "Remittances"
