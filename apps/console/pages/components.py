"""Every part that pages are made of, on one page: what a new page is built from, and what the eyes of tests look at."""

from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.columns import SHOWN
from apps.console.desk import AtDesk
from apps.console.excerpt import Piece
from apps.console.rendering import LOOKS
from apps.console.story import Entry

ROUTER: Final = APIRouter(include_in_schema=False)
_CLAIM: Final = "0190f3c2-0000-7000-8000-000000000007"
_PATIENT: Final = "0190f3c2-0000-7000-8000-000000000001"
_FINDING: Final[dict[str, Any]] = {
    "rule_id": "coverage_active",
    "outcome": "fail",
    "severity": "error",
    "line_no": 2,
    "inputs": ("service 2026-08-17", "insured to 2026-07-31"),
    "mend": "Verify the coverage for the date of service, and bill the one that was in force.",
    "owner": "front-desk",
    "citation": "Insured period of the plan",
    "edition": None,
    "overridden": None,
    "proposed": {"modifiers": "59"},
    "missing_table": None,
}


@ROUTER.get("/components")
async def components(desk: AtDesk) -> Response:
    """Show every part with sample values."""
    row = {
        "claim_id": _CLAIM,
        "patient_id": _PATIENT,
        "patient_control_number": "SAMPLE0001",
        "charge_cents": 123_450,
        "work_reason": "rejected-by-payer",
        "status_codes": ("A7:164:IL",),
        "submitted_at": desk.now,
    }
    late = {"filing_deadline_on": desk.today - timedelta(days=3)}
    soon = {"filing_deadline_on": desk.today + timedelta(days=9), "patient_control_number": "SAMPLE0002"}
    entries = (
        Entry(at=desk.now - timedelta(hours=2), service="coding", fact="CodesAssigned", actor="ann"),
        Entry(at=desk.now, service="claims", fact="ClaimRejected", level="payer", codes=("A7:164",), file="0" * 64),
    )
    return desk.page(
        "components.html",
        looks=LOOKS,
        shown=SHOWN["rejected-claims"],
        rows=[{**row, **late}, {**row, **soon}],
        names={_PATIENT: {"name": {"family": "Sampletest", "given": "Ada"}}},
        entries=entries,
        finding_=_FINDING,
        path_of=lambda by: f"/components?order={by}",
        piece=Piece(first=41, lines=(("CLP*SAMPLE0001*4*188.95*0", True), ("CAS*CO*50*188.95", False)), is_whole=False),
        batches=[
            {
                "batch_id": "sample/1",
                "kind": "payment",
                "posted_at": desk.now,
                "reverses": None,
                "entries": [
                    {"account": "remittance_clearing", "debit_cents": 9_492, "credit_cents": 0},
                    {"account": "ar_payer", "debit_cents": 0, "credit_cents": 9_492},
                ],
            }
        ],
        lists=[
            {
                "service": "claims",
                "name": "rejected-claims",
                "count": 38,
                "about": "Claims that the front end stopped.",
                "amount_cents": 812_345,
                "late": 2,
            },
            {"service": "claims", "name": "held-claims", "count": 0, "about": "Claims that somebody must look at."},
        ],
    )
