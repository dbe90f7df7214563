"""The remittance: a check at its three levels, its claims and adjustments, and what could not post by itself."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import ROWS_MAX, AtDesk, first
from apps.console.excerpt import excerpt
from apps.console.sessions import Place

ROUTER: Final = APIRouter(include_in_schema=False)
GROUPS: Final[Mapping[str, str]] = {
    "CO": "contract",
    "PR": "patient's part",
    "OA": "other",
    "PI": "payer's own reduction",
    "CR": "correction",
}
METHODS: Final[Mapping[str, str]] = {
    "ACH": "transfer",
    "BOP": "transfer",
    "CHK": "check",
    "FWT": "wire",
    "NON": "no money",
}
"""**Source**: BPR04 of 005010X221A1."""
STATES: Final = ("received", "posted", "quarantined")
MENDS: Final[Mapping[str, str]] = {
    "unmatched": "Find the claim by the number that the payer names; what was paid stands in clearing until then.",
    "quarantined": "The check does not add up: ask the payer for a corrected 835, or for what is missing. It posts by "
    "itself once it adds up.",
    "unreadable": "The file cannot be read: ask the sender for it again. It is kept as it came.",
    "duplicate": "Nothing to do: the check was posted before, and nothing was posted twice.",
}
"""What becomes of an exception, and who does it."""


@ROUTER.get("/remittances")
async def remittances(desk: AtDesk, state: str = "", cursor: str = "") -> Response:
    """Show checks, the latest first, and what waits for a poster."""
    chosen: Any = state if state in STATES else None
    payments = desk.payments
    found = await desk.together(
        page=("payments", lambda: payments.remittance_page(state=chosen, order="-paid_on", cursor=cursor or None)),
        exceptions=("payments", lambda: first(payments.exceptions(needs_action=True))),
        duplicates=("payments", lambda: first(payments.exceptions(kind="duplicate"))),
        trial=("payments", payments.trial_balance),
        payers=("registration", desk.registration.payer_names_at_clearinghouse),
    )
    checks, following = found["page"] or ((), None)
    desk.session.came_from = Place(_list(chosen, cursor), "remittances")
    return desk.page(
        "remittances.html",
        checks=checks,
        next=_list(chosen, following) if following else "",
        exceptions=found["exceptions"] or [],
        duplicates=found["duplicates"] or [],
        rows_max=ROWS_MAX,
        trial=found["trial"],
        payers=found["payers"] or {},
        states=STATES,
        state=state,
        mends=MENDS,
    )


def _list(state: str | None, cursor: str) -> str:
    """Return the address of a page of the list."""
    asked = urlencode({name: value for name, value in (("state", state), ("cursor", cursor)) if value})
    return f"/remittances?{asked}" if asked else "/remittances"


@ROUTER.get("/remittance/{remittance_id}")
async def remittance(remittance_id: str, desk: AtDesk) -> Response:
    """Show one check."""
    check = await desk.payments.remittance(remittance_id)
    found = await desk.together(
        exceptions=("payments", lambda: first(desk.payments.exceptions(remittance_id=remittance_id))),
        payers=("registration", desk.registration.payer_names_at_clearinghouse),
    )
    return desk.page(
        "remittance.html",
        check=check,
        gate=gate(check),
        exceptions=found["exceptions"] or [],
        payers=found["payers"] or {},
        groups=GROUPS,
        mends=MENDS,
        methods=METHODS,
    )


@ROUTER.get("/remittance/{remittance_id}/file")
async def file(remittance_id: str, desk: AtDesk, number: str = "") -> Response:
    """Show what the 835 says about a claim, or its beginning."""
    check = await desk.payments.remittance(remittance_id)
    piece = excerpt(await desk.payments.file(remittance_id, check["file_sha256"]), number)
    return desk.page(
        "file.html",
        title="835 of a check",
        piece=piece,
        number=number,
        up=f"/remittance/{remittance_id}",
        sha256=check["file_sha256"],
    )


def gate(check: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the three levels at which a check has to add up, each with its two sides. **Units**: cents.

    **Source**: 005010X221A1, section 1.10.2.1: service lines, claims, transaction.
    """
    lines = [
        (sum(line["charged_cents"] for line in claim["lines"]), claim["charged_cents"])
        for claim in check["claims"]
        if claim["lines"]
    ]
    claims = [(claim["charged_cents"] - _adjusted(claim), claim["paid_cents"]) for claim in check["claims"]]
    paid = sum(claim["paid_cents"] for claim in check["claims"]) - check["provider_adjustment_cents"]
    levels = (
        ("Service lines", "lines charged = claim charged", lines),
        ("Claims", "charged - adjusted = paid", claims),
        ("Check", "claims paid - adjustments of the provider = check", [(paid, check["paid_cents"])]),
    )
    return [
        {
            "name": name,
            "about": about,
            "left": sum(left for left, _ in pairs),
            "right": sum(right for _, right in pairs),
            "off": sum(left != right for left, right in pairs),
        }
        for name, about, pairs in levels
    ]


def _adjusted(claim: Mapping[str, Any]) -> int:
    adjustments = [*claim["adjustments"], *(each for line in claim["lines"] for each in line["adjustments"])]
    return sum(each["amount_cents"] for each in adjustments)
