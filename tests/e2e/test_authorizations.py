"""A payer's consent from the front desk to the claim, through registration, validation and claims over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
import stamina

from shared.x12.sets.t837p_x222a1 import read_837p
from tests.e2e.conftest import Demo, Served, serving
from tests.e2e.front_desk import FrontDesk

SECONDS_MAX: Final = 40
RULE: Final = "authorization_on_service"
ALWAYS: Final = {"service_from_on": "2020-01-01", "service_to_on": "2199-12-31"}
CONSENT: Final = {"number": "AUTH0001", "valid_from_on": "2020-01-01", "valid_to_on": "2199-12-31"}


@pytest.fixture(scope="module")
def served(demo_in: Callable[[str], Demo]) -> Iterator[Served]:
    """Yield a practice of its own: what is billed here is in nobody else's counts."""
    with serving(demo_in("authorizations")) as served:
        yield served


@pytest.fixture(scope="module")
def front(served: Served) -> FrontDesk:
    claim = served.get(f"/claims/v1/claims/{served.claim['claim_id']}")
    named = ("rendering_provider_id", "billing_provider_id")
    return FrontDesk(served, {name: claim[name] for name in named if claim.get(name) is not None})


def posted(served: Served, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = served.http.post(path, json=body).raise_for_status().json()
    return found


def needed(front: FrontDesk, member_id: str) -> str:
    """Return an authorization that a payer wants for what the member's visits bring."""
    patient_id, coverage_id = front.member(member_id)
    wanted = {"patient_id": patient_id, "coverage_id": coverage_id, "procedure_codes": ["99213"], **ALWAYS}
    noted = posted(front.served, "/registration/v1/authorizations", {**wanted, "source": "payer-rule"})
    return str(noted["authorization_id"])


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def stopped(served: Served, encounter_id: str, standing: str) -> None:
    """Return once the scrub says how far the authorization is, and no claim can go out."""
    scrub = served.get(f"/validation/v1/scrubs/{encounter_id}")
    found = [each["inputs"][3].partition(" ")[0] for each in scrub["findings"] if each["rule_id"] == RULE]
    assert (scrub["status"], found) == ("rejected", [standing])


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def sent(served: Served, encounter_id: str) -> tuple[Mapping[str, Any], str]:
    """Return the claim of a visit and the number of consent in the file that it went out in, once it did."""
    items = served.get("/claims/v1/claims", encounter_id=encounter_id)["items"]
    assert items
    path = f"/claims/v1/claims/{items[0]['claim_id']}"
    entries = served.get(f"{path}/timeline")["entries"]
    files = [entry["file_sha256"] for entry in entries if entry["fact"] == "ClaimSubmitted"]
    assert len(files) == 1
    claim: Mapping[str, Any] = served.get(path)
    number = claim["submission"]["patient_control_number"]
    content = served.http.get(f"{path}/files/{files[0]}").raise_for_status().content
    (written,) = (
        each for group in read_837p(content) for each in group.claims if each.patient_control_number == number
    )
    return claim, written.authorization_number


def test_a_service_waits_for_the_payers_consent_and_its_claim_names_the_number(front: FrontDesk) -> None:
    served = front.served
    authorization_id = needed(front, "CONSENT1")
    path = f"/registration/v1/authorizations/{authorization_id}"
    encounter_id = front.visit({"member_id": "CONSENT1"})
    stopped(served, encounter_id, "required")
    due = served.get("/registration/v1/worklists/authorizations-due")["items"]
    posted(served, f"{path}/requests", {"channel": "portal"})
    stopped(served, encounter_id, "requested")
    posted(served, f"{path}/approvals", CONSENT)
    claim, number = sent(served, encounter_id)

    assert [each["authorization_id"] for each in due] == [authorization_id]
    assert number == "AUTH0001"
    assert {line["authorization_id"] for line in claim["lines"]} == {authorization_id}


def test_a_service_that_nobody_wants_to_be_asked_about_goes_out_without(front: FrontDesk) -> None:
    claim, number = sent(front.served, front.visit({"member_id": "CONSENT2"}))

    assert number == ""
    assert {line["authorization_id"] for line in claim["lines"]} == {None}


def test_a_consent_that_is_there_before_the_visit_stops_nothing(front: FrontDesk) -> None:
    authorization_id = needed(front, "CONSENT3")
    posted(front.served, f"/registration/v1/authorizations/{authorization_id}/approvals", CONSENT)
    _, number = sent(front.served, front.visit({"member_id": "CONSENT3"}))

    assert number == "AUTH0001"
