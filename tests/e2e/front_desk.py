"""What a front desk and a clinician do, on the sample practice: register a member, document a visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from shared.kernel.dates import local_day
from shared.runtime.clock import now
from tests.e2e.conftest import Served

PAYER: Final = "SIMCI"
"""Whom a member is insured with, unless a file says another; as the clearinghouse knows it."""
ZONE: Final = "America/New_York"


@dataclass(slots=True)
class FrontDesk:
    """What a front desk and a clinician do, on the sample practice."""

    served: Served
    providers: Mapping[str, str]
    patients: dict[str, tuple[str, str]] = field(default_factory=dict)
    payers: dict[str, str] = field(default_factory=dict)

    def visit(self, said: Mapping[str, Any]) -> str:
        """Register a member if need be, document a visit, and return its encounter."""
        patient_id, coverage_id = self.member(str(said["member_id"]), said.get("payer", PAYER))
        day = _day(said)
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

    def member(self, member_id: str, payer: str = PAYER) -> tuple[str, str]:
        """Return patient and coverage of a member, who is registered if need be."""
        return self.patients.get(member_id) or self._registered(member_id, payer)

    def _registered(self, member_id: str, payer: str) -> tuple[str, str]:
        number = len(self.patients) + 1
        patient = {
            "mrn": f"SCENARIO-{member_id}",
            "name": {"family": f"Scenario{_letters(number)}", "given": member_id.title()},
            "birth_on": "1970-03-13",
            "sex": "female",
            "address": {"line": f"{number} Mockingbird Lane", "city": "Orlando", "state": "FL", "zip": "328010001"},
        }
        patient_id = self._posted("/registration/v1/patients", patient)["patient_id"]
        card = {
            "payer_id": self._payer(payer),
            "member_id": member_id,
            "filing_order": "primary",
            "relationship": "self",
            "effective_from_on": "2020-01-01",
        }
        coverage = self._posted(f"/registration/v1/patients/{patient_id}/coverages", card)
        self.patients[member_id] = patient_id, coverage["coverage_id"]
        return self.patients[member_id]

    def _payer(self, clearinghouse_payer_id: str) -> str:
        if clearinghouse_payer_id not in self.payers:
            found = self.served.get("/registration/v1/payers", clearinghouse_payer_id=clearinghouse_payer_id)
            (self.payers[clearinghouse_payer_id],) = (each["payer_id"] for each in found["items"])
        return self.payers[clearinghouse_payer_id]

    def _posted(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.served.http.post(path, json=body)
        assert answer.is_success, answer.text
        found: Mapping[str, Any] = answer.json()
        return found


def _day(said: Mapping[str, Any]) -> date:
    """Return the day of a visit: a few days ago, or so many days before the year began."""
    today = local_day(now(), ZONE)
    first = date(today.year, 1, 1)
    if "days_before_the_year" in said:
        return first - timedelta(days=said["days_before_the_year"])
    return (
        max(first, today - timedelta(days=3))
        if said.get("this_year")
        else today - timedelta(days=said.get("days_ago", 3))
    )


def _letters(number: int) -> str:
    """Return a name for a number: names have letters only."""
    return chr(65 + number // 26) + chr(97 + number % 26)
