"""The ten commonest tasks of a day, from home and by keys alone; where the keyboard is can be seen at every stop.

The tenth, a coder who works off the queue, is in `test_coding.py`.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from operator import itemgetter
from typing import Final

import pytest
import stamina
from playwright.sync_api import Page, expect

from shared.runtime.clock import now
from tests.e2e.conftest import Served
from tests.e2e.console.conftest import Visitor

STOPS_MAX: Final = 60
"""How often somebody presses Tab before giving up."""
_WHERE: Final = """() => {
    const here = document.activeElement;
    const ring = getComputedStyle(here);
    const box = here.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + Math.min(box.width, 20) / 2, box.top + box.height / 2);
    return {
        name: (here.getAttribute('aria-label') || here.labels?.[0]?.textContent || here.textContent).trim(),
        is_marked: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
        is_seen: here.contains(top) || !!here.labels?.[0]?.contains(top),
    };
}"""


class Keys:
    """Somebody's keyboard. **Shape**: after `opens` the page that was left is gone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the keyboard is."""
        self.page.keyboard.type(text)

    def reach(self, name: str, *, by: str = "Tab") -> None:
        """Go on by Tab to what has a name, and see each stop on the way."""
        stops = list[str]()
        while len(stops) < STOPS_MAX:
            self.press(by)
            where = self.page.evaluate(_WHERE)
            stops.append(where["name"])
            assert where["is_marked"], f"nobody sees where the keyboard is: {where}"
            assert where["is_seen"], f"what the keyboard is at is covered: {where}"
            if re.search(name, where["name"]):
                return
        raise AssertionError(f"{name} is not within {STOPS_MAX} stops: {stops}")

    def opens(self, path: str, *keys: str) -> None:
        """Press keys, Enter where none is named, and wait for the page that they open."""
        self.press(*(keys or ("Enter",)))
        self.page.wait_for_url(re.compile(path))


@pytest.fixture
def keys_of(visitor: Visitor) -> Callable[[str], Keys]:
    """Return who signs in as a role, and has home in front of them."""
    return lambda role: Keys(visitor.sign_in(role))


# -- front desk ----------------------------------------------------------------------------------------------------


def test_the_front_desk_finds_a_patient_by_name_and_birth_date(keys_of: Callable[[str], Keys], system: Served) -> None:
    patient = system.get(f"/registration/v1/patients/{system.claim['patient_id']}")
    name = patient["name"]
    keys = keys_of("front-desk")
    keys.press("/")
    keys.type(f"{name['family']}, {name['given']} {patient['birth_on']}")
    keys.opens(f"/patient/{patient['patient_id']}$")

    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(f"{name['family']}, {name['given']}")


def test_the_front_desk_opens_the_appointment_that_is_due(keys_of: Callable[[str], Keys], system: Served) -> None:
    provider = system.get("/registration/v1/providers", page_size="1")["items"][0]
    booked = {"provider_id": provider["provider_id"], "starts_at": (now() + timedelta(days=1)).isoformat()}
    system.http.post(
        "/registration/v1/appointments",
        json={"patient_id": system.claim["patient_id"], "visit_type": "office-visit", **booked},
    ).raise_for_status()
    until_listed(system, "registration/v1/worklists/appointments-booked")
    keys = keys_of("front-desk")
    keys.reach("appointments booked")
    keys.opens("/work/registration/appointments-booked")
    keys.press("j")
    keys.opens(f"/patient/{system.claim['patient_id']}$")
    keys.opens("/work/registration/appointments-booked$", "u")

    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("Appointments booked")


# -- biller --------------------------------------------------------------------------------------------------------


def test_a_biller_asks_a_rejected_claim_to_go_out_again_and_holds_it(
    keys_of: Callable[[str], Keys], system: Served
) -> None:
    keys = keys_of("biller")
    keys.reach("rejected claims")
    keys.opens("/work/claims/rejected-claims")
    keys.press("j")
    keys.opens("/claim/")
    claim_id = keys.page.url.rpartition("/")[2]
    keys.reach("^Resubmit$")
    keys.press("Enter")
    expect(keys.page.locator("#said")).to_contain_text("it goes out again")
    keys.reach("^Reason")
    keys.type("ask the payer")
    keys.press("Enter")
    expect(keys.page.locator("#said")).to_contain_text("Held")

    claim = system.get(f"/claims/v1/claims/{claim_id}")
    assert (claim["submission"]["stage"], claim["work"]["reason"]) == ("held", "ask-the-payer")


def test_a_biller_releases_a_held_claim_with_a_reason(keys_of: Callable[[str], Keys], system: Served) -> None:
    held = resubmitted(system)
    system.http.post(f"/claims/v1/claims/{held}/holds", json={"reason": "payer-asks"}).raise_for_status()
    until_listed(system, "claims/v1/worklists/held-claims")
    keys = keys_of("biller")
    keys.reach("held claims")
    keys.opens("/work/claims/held-claims")
    keys.press("j", "x", "d")
    keys.page.wait_for_url(re.compile("/preview"))
    keys.reach("^Reason")
    keys.type("checked with the payer")
    keys.opens("/work/claims/held-claims$")

    expect(keys.page.locator("#said")).to_contain_text("1 claim released.")


def test_a_biller_resubmits_several_rejected_claims(keys_of: Callable[[str], Keys]) -> None:
    keys = keys_of("biller")
    keys.reach("rejected claims")
    keys.opens("/work/claims/rejected-claims")
    keys.press("j", "x", "j", "j", "x", "k", "x", "d")
    keys.page.wait_for_url(re.compile("/preview"))
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Resubmit 3 claims?")
    keys.reach("^Resubmit$")
    keys.opens("/work/claims/rejected-claims$")

    expect(keys.page.locator("#said")).to_contain_text("3 claims asked to go out again.")


# -- poster, denial specialist -------------------------------------------------------------------------------------


def test_a_poster_opens_an_exception_and_its_check(keys_of: Callable[[str], Keys], system: Served) -> None:
    trace_number = check_of_nobodys_claims(system)
    keys = keys_of("poster")
    keys.reach("exceptions")
    keys.opens("/work/payments/exceptions")
    keys.press("j")
    keys.opens("/remittance/")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(trace_number)
    keys.reach("^segments$")
    keys.opens("/file")

    expect(keys.page.locator(".segments li.here").first).to_contain_text("CLP*NOBODYS")


def test_a_denial_specialist_opens_a_denial_and_the_segments_that_say_so(keys_of: Callable[[str], Keys]) -> None:
    keys = keys_of("denial-specialist")
    keys.reach("denials")
    keys.opens("/work/payments/denials")
    keys.press("j")
    keys.opens("/claim/")
    keys.reach("^835 segments$")
    keys.opens("/file")

    expect(keys.page.locator(".segments li.here")).to_contain_text("CLP*")
    expect(keys.page.locator(".segments li", has_text="CAS*")).not_to_have_count(0)


# -- manager, operator, everybody ----------------------------------------------------------------------------------


def test_a_manager_sees_first_what_costs_most(keys_of: Callable[[str], Keys]) -> None:
    keys = keys_of("manager")
    keys.opens("/work$", "g", "w")
    keys.reach("rejected claims")
    keys.opens("/work/claims/rejected-claims")
    keys.reach("^Charge")
    keys.opens("order=amount")
    keys.reach("^Charge")
    keys.opens("order=-amount")
    charges = [int(re.sub(r"\D", "", each)) for each in keys.page.locator("tbody td.money").all_inner_texts()]

    assert len(charges) > 1
    assert charges == sorted(charges, reverse=True)


def test_an_operator_fills_a_read_model_anew(keys_of: Callable[[str], Keys]) -> None:
    keys = keys_of("operator")
    keys.opens("/operator$", "g", "o")
    keys.reach("^Read models")
    keys.opens("/operator/read-models")
    keys.reach("^Rebuild appointments of registration$")
    keys.press("Enter")

    expect(keys.page.locator("#said")).to_contain_text("registration: appointments is being rebuilt")


def test_anybody_finds_a_claim_by_its_number_and_signs_out(keys_of: Callable[[str], Keys], system: Served) -> None:
    keys = keys_of("poster")
    keys.press("/")
    keys.type(system.claim["payer_claim_number"])
    keys.opens(f"/claim/{system.claim['claim_id']}$")
    keys.reach("^Sign out$")
    keys.opens("/sign-in")

    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Sign in")


# -- what there has to be ------------------------------------------------------------------------------------------


def resubmitted(system: Served) -> str:
    """Return a claim that is ready to go out: one that was rejected, and asked for again."""
    claim_id = system.get("/claims/v1/claims", submission="rejected", page_size="1")["items"][0]["claim_id"]
    system.http.post(f"/claims/v1/claims/{claim_id}/resubmissions").raise_for_status()
    return str(claim_id)


def check_of_nobodys_claims(system: Served) -> str:
    """Post a check whose claims nobody has; return its trace number."""
    check = min(system.get("/payments/v1/remittances", page_size="100")["items"], key=itemgetter("claim_count"))
    path = f"/payments/v1/remittances/{check['remittance_id']}/files/{check['file_sha256']}"
    known = system.http.get(path).raise_for_status().text
    numbers = count(1)
    foreign = re.sub(
        r"CLP\*[^*]+((?:\*[^*]*){5})\*[^*]+",
        lambda claim: f"CLP*NOBODYS{(n := next(numbers))}{claim[1]}*ICNOFNOBODY{n}",
        known,
    )
    content = foreign.replace(check["trace_number"], trace_number := "NOBODYS")
    headers = {"Content-Type": "application/edi-x12"}
    system.http.post("/payments/v1/remittances", content=content, headers=headers).raise_for_status()
    until_listed(system, "payments/v1/worklists/exceptions")
    return trace_number


@stamina.retry(on=AssertionError, timeout=30, wait_initial=0.1, wait_max=0.5, attempts=None)
def until_listed(system: Served, worklist: str) -> None:
    """Return once a worklist has a row."""
    assert system.get(f"/{worklist}", page_size="1")["items"]
