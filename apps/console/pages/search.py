"""Finding: any number of a claim, a check or a patient, or a name with a birth date.

Owns: that what is looked for never stands in an address: it comes in a form, for it may name a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk, SentForm, first
from shared.kernel.person import PersonName

ROUTER: Final = APIRouter(include_in_schema=False)
_TEXT_MAX: Final = 120
_HITS_MAX: Final = 20
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_PERSON: Final = re.compile(r"(?P<family>[^,\d]+),\s*(?P<given>[^,\d]+?)[\s,]+(?P<birth>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found."""

    kind: str
    path: str
    title: str
    about: str = ""


@ROUTER.get("/search")
async def ask(desk: AtDesk) -> Response:
    """Say what can be looked for."""
    return desk.page("search.html", hits=[], asked=False)


@ROUTER.post("/search")
async def search(desk: AtDesk, form: SentForm) -> Response:
    """Look for a number or a person; one hit opens at once."""
    text = form.text("text")[:_TEXT_MAX]
    hits = await found(desk, text) if text else []
    if len(hits) == 1 and not desk.unanswered:
        return desk.go(hits[0].path)
    return desk.page("search.html", hits=hits, asked=bool(text))


async def found(desk: Desk, text: str) -> list[Hit]:
    """Return what a text leads to, in every service at once."""
    person = _PERSON.fullmatch(text)
    if person is not None:
        return await _people(desk, person)
    asks: dict[str, tuple[str, Any]] = {
        "control": ("claims", lambda: first(desk.claims.claims(patient_control_number=text), _HITS_MAX)),
        "payer": ("claims", lambda: first(desk.claims.claims(payer_claim_number=text), _HITS_MAX)),
        "trace": ("payments", lambda: first(desk.payments.remittances(trace_number=text), _HITS_MAX)),
        "mrn": ("registration", lambda: desk.registration.search_patients(mrn=text)),
    }
    if _UUID.fullmatch(text.lower()):
        asks |= {
            "claim": ("claims", lambda: desk.claims.claim(text.lower())),
            "encounter": ("coding", lambda: desk.coding.encounter(text.lower())),
            "patient": ("registration", lambda: desk.registration.patient(text.lower())),
            "check": ("payments", lambda: desk.payments.remittance(text.lower())),
        }
    answers = await desk.together(**asks)
    every = [_claim(each) for each in (*(answers["control"] or ()), *(answers["payer"] or ()))]
    every += [_check(each) for each in answers["trace"] or ()]
    every += [_patient(each) for each in answers["mrn"] or ()]
    single = {"claim": _claim, "encounter": _encounter, "patient": _patient, "check": _check}
    every += [make(answers[name]) for name, make in single.items() if answers.get(name)]
    return list({each.path: each for each in every}.values())


async def _people(desk: Desk, person: re.Match[str]) -> list[Hit]:
    try:
        birth_on = date.fromisoformat(person["birth"])
    except ValueError:
        return []
    name = PersonName(family=person["family"].strip(), given=person["given"].strip())
    patients = await desk.asked("registration", lambda: desk.registration.search_patients(name=name, birth_on=birth_on))
    return [_patient(each) for each in patients or ()]


def _claim(row: Mapping[str, Any]) -> Hit:
    number = row.get("patient_control_number") or (row.get("submission") or {}).get("patient_control_number")
    return Hit(kind="Claim", path=f"/claim/{row['claim_id']}", title=number or "not sent yet")


def _check(row: Mapping[str, Any]) -> Hit:
    return Hit(kind="Check", path=f"/remittance/{row['remittance_id']}", title=row["trace_number"])


def _patient(row: Mapping[str, Any]) -> Hit:
    name = row["name"] or {}
    title = ", ".join(filter(None, (name.get("family"), name.get("given")))) or "name erased"
    return Hit(kind="Patient", path=f"/patient/{row['patient_id']}", title=title, about=row["mrn"] or "")


def _encounter(row: Mapping[str, Any]) -> Hit:
    return Hit(kind="Visit", path=f"/encounter/{row['encounter_id']}", title=str(row["service_from_on"]))
