"""Each scenario of the payers through all five services, as a readable file tells it: `scenarios/*.toml`.

A file has a `story`, `visits` (a member's number and procedures), what is true `before` time passes (`advance`), and
`after` it: the money of each visit in dollars, where its claim stands; and which `exceptions` a person is shown. Files
that let time pass come last, for the payers' year goes on with them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import stamina

from apps.simulator.scenario import SCENARIOS, named
from shared.kernel.dates import local_day
from shared.kernel.money import Money
from shared.runtime.clock import now
from tests.e2e.conftest import Demo, Served, serving
from tests.support.programs import claimlog

FILES: Final = Path(__file__).with_name("scenarios")
PARTS: Final = ("charged", "paid", "contractual", "patient", "denied", "open")
SECONDS_MAX: Final = 40
ZONE: Final = "America/New_York"


def _told(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text())


def _lets_time_pass(path: Path) -> tuple[bool, str]:
    return bool(_told(path).get("advance")), path.name


IN_ORDER: Final = sorted(FILES.glob("*.toml"), key=_lets_time_pass)


@dataclass(slots=True)
class Front:
    """What a front desk and a clinician do, on the sample practice."""

    served: Served
    payer_id: str
    providers: Mapping[str, str]
    patients: dict[str, tuple[str, str]] = field(default_factory=dict)

    def visit(self, said: Mapping[str, Any]) -> str:
        """Register a member if need be, document a visit, and return its encounter."""
        member_id = str(said["member_id"])
        patient_id, coverage_id = self.patients.get(member_id) or self._registered(member_id)
        day = local_day(now(), ZONE) - timedelta(days=said.get("days_ago", 3))
        lines = [
            {
                "codes": [{"system": "cpt", "code": code}],
                "text": "",
                "modifiers": modifiers,
                "units": 1,
                "pointers": [1],
            }
            for code, *modifiers in (each.split(":") for each in said.get("procedures", ["99213"]))
        ]
        body = {
            "patient_id": patient_id,
            "service_from_on": str(day),
            "service_to_on": str(day),
            "place_of_service": "11",
            **self.providers,
            "coverage_ids": [coverage_id],
            "conditions": [{"codes": [{"system": "icd10cm", "code": said.get("diagnosis", "N390")}], "text": ""}],
            "procedures": lines,
            "signed_at": f"{day}T17:30:00-05:00",
        }
        return str(self._posted("/coding/v1/encounters", body)["encounter_id"])

    def _registered(self, member_id: str) -> tuple[str, str]:
        number = len(self.patients) + 1
        patient = {
            "mrn": f"SCENARIO-{member_id}",
            "name": {"family": f"Scenario{chr(64 + number)}", "given": member_id.title()},
            "birth_on": "1970-03-13",
            "sex": "female",
            "address": {"line": f"{number} Mockingbird Lane", "city": "Orlando", "state": "FL", "zip": "328010001"},
        }
        patient_id = self._posted("/registration/v1/patients", patient)["patient_id"]
        card = {
            "payer_id": self.payer_id,
            "member_id": member_id,
            "filing_order": "primary",
            "relationship": "self",
            "effective_from_on": "2020-01-01",
        }
        coverage = self._posted(f"/registration/v1/patients/{patient_id}/coverages", card)
        self.patients[member_id] = patient_id, coverage["coverage_id"]
        return self.patients[member_id]

    def _posted(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.served.http.post(path, json=body)
        assert answer.is_success, answer.text
        found: Mapping[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    """Yield a practice of its own, for what is told here stays where it is told."""
    data = folder / "scenarios"
    with serving(Demo(data, claimlog("demo", "--json", data=data))) as served:
        yield served


@pytest.fixture(scope="module")
def front(served: Served) -> Front:
    """Return a front desk of the sample practice."""
    claim = served.get(f"/claims/v1/claims/{served.claim['claim_id']}")
    providers = {
        name: claim[name] for name in ("rendering_provider_id", "billing_provider_id") if claim.get(name) is not None
    }
    return Front(served, claim["payer_id"], providers)


def test_every_scenario_has_a_file() -> None:
    """`AAA` answers an inquiry; its claims are those of `REJP`."""
    members = [visit["member_id"] for path in FILES.glob("*.toml") for visit in _told(path)["visits"]]
    prefixes = {scenario.prefix for member_id in members if (scenario := named(member_id)) is not None}

    assert prefixes == SCENARIOS.keys() - {"AAA"}


@pytest.mark.parametrize("path", IN_ORDER, ids=lambda path: path.stem)
def test_ends_as_told(path: Path, front: Front) -> None:
    told, served = _told(path), front.served
    if "outage" in told:
        _simulator(served, "outage", told["outage"])
    encounters = [front.visit(each) for each in told["visits"]]
    for encounter, expected in zip(encounters, told.get("before", told["after"]), strict=True):
        expect(served, encounter, expected)
    for span in told.get("advance", []):
        _simulator(served, "advance", span)
        for encounter, expected in zip(encounters, told["after"], strict=True):
            expect(served, encounter, expected)
    for kind in told.get("exceptions", []):
        is_listed(served, kind)


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def expect(served: Served, encounter: str, expected: Mapping[str, Any]) -> None:
    """Return once a visit's claim stands as told. **Units**: dollars."""
    claim = _claim(served, encounter)
    account = served.get(f"/payments/v1/claim-accounts/{claim['claim_id']}")
    found = {"charged" if name == "charge" else name: account[f"{name}_cents"] for name in ("charge", *PARTS[1:])}
    told = {name: Money.of_decimal(expected[name]).cents for name in PARTS if name in expected}
    assert {name: found[name] for name in told} == told
    assert expected.get("stage", "accepted-by-payer") in {"any", claim["submission"]["stage"]}
    if "adjudication" in expected:
        assert claim["adjudication"] == expected["adjudication"]


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def is_listed(served: Served, kind: str) -> None:
    """Return once a person is shown something of a kind."""
    assert served.get("/payments/v1/exceptions", kind=kind)["items"]


def _simulator(served: Served, *words: str) -> None:
    done = claimlog("simulator", *words, data=served.data, CLAIMLOG_PORT=served.port)
    assert done.code == 0, done.err


def _claim(served: Served, encounter: str) -> Mapping[str, Any]:
    billing = served.get(f"/claims/v1/encounter-billings/{encounter}")
    assert billing.get("claim_id"), billing
    claim: Mapping[str, Any] = served.get(f"/claims/v1/claims/{billing['claim_id']}")
    return claim


def test_book_and_postings_differ_only_in_what_waits_for_a_person(served: Served) -> None:
    finished = claimlog("simulator", "reconcile", "--json", data=served.data, CLAIMLOG_PORT=served.port)
    waiting = served.get("/payments/v1/exceptions", kind="quarantined")["items"]
    differences = finished.outcome["differences"]
    (amount,) = (each for each in differences if each["what"] == "amount")

    assert finished.code == 1
    assert {each["trace_number"] for each in differences} == {amount["trace_number"]}
    assert amount["book_cents"] - amount["payments_cents"] == sum(each["paid_cents"] for each in waiting)
