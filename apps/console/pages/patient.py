"""The patient: who it is, how insured, which visits, and what is owed and why, in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import ROWS_MAX, AtDesk, first

ROUTER: Final = APIRouter(include_in_schema=False)


@ROUTER.get("/patient/{patient_id}")
async def patient(patient_id: str, desk: AtDesk) -> Response:
    """Show a patient and the account."""
    shown = await desk.registration.patient(patient_id)
    found = await desk.together(
        payers=("registration", desk.registration.payer_names),
        balance=("payments", lambda: desk.payments.patient_balance(patient_id)),
        claims=("claims", lambda: first(desk.claims.claims(patient_id=patient_id))),
        billings=("claims", lambda: first(desk.claims.encounter_billings(patient_id=patient_id))),
        documented=("coding", lambda: first(desk.coding.encounters(patient_id))),
    )
    claims = {each["claim_id"]: each for each in found["claims"] or ()}
    return desk.page(
        "patient.html",
        patient=shown,
        payers=found["payers"] or {},
        balance=found["balance"],
        owed=[owed(item, claims) for item in (found["balance"] or {}).get("items", ())],
        claims=list(claims.values()),
        visits=visits(found["documented"] or (), found["billings"] or (), claims),
        rows_max=ROWS_MAX,
    )


def owed(item: Mapping[str, Any], claims: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return one amount that is owed, with why in plain words."""
    claim = claims.get(item["claim_id"] or "")
    if item["claim_id"] is None:
        why = "The visit was billed to the patient: no coverage was in force, or none was to be used."
    else:
        why = "The payer has decided; this is the patient's part: deductible, coinsurance or copay."
    return {**item, "why": why, "number": claim["patient_control_number"] if claim else None}


def visits(
    documented: Sequence[Mapping[str, Any]],
    billings: Sequence[Mapping[str, Any]],
    claims: Mapping[str, Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """Return every visit, the newest first, with how far coding and billing are."""
    billed = {each["encounter_id"]: {**each, "claim": claims.get(each["claim_id"] or "")} for each in billings}
    shown = [{**each, "billing": billed.get(each["encounter_id"])} for each in documented]
    return sorted(shown, key=lambda each: str(each["service_from_on"]), reverse=True)
