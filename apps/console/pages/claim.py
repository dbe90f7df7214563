"""The claim: its five axes, everything that happened, where every cent is, what the rules found, and what may be done.

Owns: the page of one claim, now or as known at an earlier day, and the files behind it. The instant is the same for all
services; what a service does not tell as of then is left out.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk, SentForm, not_done
from apps.console.excerpt import excerpt
from apps.console.judging import Key, titles_of
from apps.console.reasons import slug
from apps.console.story import story
from shared.clients.problem import ProblemAnswered

ROUTER: Final = APIRouter(include_in_schema=False)
_PARTS: Final = (
    ("Paid by the payer", "paid_cents"),
    ("Written off by contract", "contractual_cents"),
    ("Denied", "denied_cents"),
    ("Owed by the patient", "patient_cents"),
    ("Still open with the payer", "open_cents"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form of the claim. **Shape**: `why` and `trace_id` say what became of it where it was refused."""

    claim_id: str
    step: Literal["hold", "release", "resubmit"]
    reason: str = ""
    why: str = ""
    trace_id: str = ""


@ROUTER.get("/claim/{claim_id}")
async def claim(claim_id: str, desk: AtDesk, as_of: str = "") -> Response:
    """Show a claim."""
    return await _page(desk, claim_id, as_of)


async def _page(
    desk: Desk, claim_id: str, as_of: str = "", *, refused: Sent | None = None, status: int = HTTPStatus.OK
) -> Response:
    instant, wrong = _instant(as_of, desk)
    found = await desk.claims.claim(claim_id, as_of=instant)
    known = await _around(desk, found, instant)
    account = known["account"]
    streams = {name: known[f"{name}_facts"] or () for name in ("registration", "coding", "validation", "claims")}
    streams["payments"] = known["payments_facts"] or ()
    return desk.page(
        "claim.html",
        status=status,
        claim=found,
        etag=found.etag,
        refused=refused,
        entries=story(streams, known["timeline"] or (), instant),
        patient=known["patient"],
        encounter=known["encounter"],
        payer=known["payer"],
        scrub=known["scrub"],
        account=account,
        parts=[(name, account[field]) for name, field in _PARTS] if account else [],
        as_of=as_of,
        instant=instant,
        wrong=wrong,
        commands=_commands(desk, claim_id),
        titles=known["titles"] or {},
        checks=_checks(account),
    )


@ROUTER.get("/claim/{claim_id}/file/{sha256}")
async def file(claim_id: str, sha256: str, desk: AtDesk) -> Response:
    """Show what a file says about a claim."""
    found = await desk.claims.claim(claim_id)
    number = found["submission"]["patient_control_number"] or ""
    piece = excerpt(await desk.claims.file(claim_id, sha256), number)
    return desk.page(
        "file.html", title="File of a claim", piece=piece, number=number, up=f"/claim/{claim_id}", sha256=sha256
    )


@ROUTER.post("/claim/{claim_id}/hold")
async def hold(claim_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Keep a claim from going out."""
    sent = Sent(claim_id=claim_id, step="hold", reason=form.text("reason"))
    done = desk.claims.hold(claim_id, reason=slug(sent.reason), etag=form.text("etag"), key=form.text("key"))
    return await _after(desk, sent, done, "Held: it stays here until somebody releases it.")


@ROUTER.post("/claim/{claim_id}/release")
async def release(claim_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Let a held claim go out."""
    sent = Sent(claim_id=claim_id, step="release", reason=form.text("reason"))
    done = desk.claims.release(claim_id, reason=slug(sent.reason), etag=form.text("etag"), key=form.text("key"))
    return await _after(desk, sent, done, "Released: it goes out with the next file.")


@ROUTER.post("/claim/{claim_id}/resubmit")
async def resubmit(claim_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Let a rejected claim go out again."""
    sent = Sent(claim_id=claim_id, step="resubmit")
    done = desk.claims.resubmit(claim_id, etag=form.text("etag"), key=form.text("key"))
    return await _after(desk, sent, done, "Asked for: it goes out again, with the master data of now.")


async def _after(desk: Desk, sent: Sent, done: Awaitable[object], told: str) -> Response:
    """Return what follows a change; a refused one shows the claim as it stands, with what was typed."""
    try:
        await done
    except ProblemAnswered as problem:
        refused = replace(sent, why=not_done(problem), trace_id=problem.trace_id)
        return await _page(desk, sent.claim_id, refused=refused, status=problem.status)
    return desk.go(f"/claim/{sent.claim_id}", told)


async def _around(desk: Desk, found: Mapping[str, Any], instant: datetime | None) -> Mapping[str, Any]:
    """Return what all services say around a claim; None where one does not."""
    claim_id, encounter_id, patient_id = found["claim_id"], found["encounter_id"], found["patient_id"]

    async def facts(service: str, *streams: str) -> list[Mapping[str, Any]]:
        client = desk.service(service)
        return [fact for stream in streams for fact in await client.stream(stream)]

    return await desk.together(
        timeline=("claims", lambda: desk.claims.timeline(claim_id)),
        account=("payments", lambda: desk.payments.claim_account(claim_id, as_of=instant)),
        scrub=("validation", lambda: desk.validation.scrub(encounter_id, as_of=instant)),
        encounter=("coding", lambda: desk.coding.encounter(encounter_id, as_of=instant)),
        patient=("registration", lambda: desk.registration.patient(patient_id, as_of=instant)),
        payer=("registration", lambda: desk.registration.payer(found["payer_id"], as_of=instant)),
        registration_facts=(
            "registration",
            lambda: facts("registration", f"patient-{patient_id}", f"coverage-{found['coverage_id']}"),
        ),
        coding_facts=("coding", lambda: facts("coding", f"encounter-{encounter_id}", f"coding_case-{encounter_id}")),
        validation_facts=("validation", lambda: facts("validation", f"scrub-{encounter_id}")),
        titles=("coding", lambda: _titles(desk, found)),
        claims_facts=("claims", lambda: facts("claims", f"claim-{claim_id}")),
        payments_facts=("payments", lambda: facts("payments", f"claim_account-{claim_id}")),
    )


async def _titles(desk: Desk, claim: Mapping[str, Any]) -> Mapping[Key, Mapping[str, Any]]:
    """Return what the codes of a claim are called on its first day of service."""
    codes = [("dx", each) for each in claim["diagnoses"]]
    codes += [("line", each["procedure_code"]) for each in claim["lines"]]
    return await titles_of(desk, min(each["service_from_on"] for each in claim["lines"]), codes)


def _checks(account: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Return the checks by which a claim was decided, each with when it was posted; a check itself may be long."""
    batches = account["batches"] if account else ()
    return {each["remittance_id"]: each["posted_at"] for each in batches if each["remittance_id"]}


def _instant(as_of: str, desk: Desk) -> tuple[datetime | None, str]:
    """Return the end of a day at the practice, at most now, and what is wrong with it."""
    if not as_of:
        return None, ""
    try:
        day = datetime.fromisoformat(as_of)
    except ValueError:
        return None, "As of needs a day such as 2026-03-03."
    if day.tzinfo is None:
        zone = ZoneInfo(desk.console.settings.zone)
        day = datetime.combine(day, time(), zone) + timedelta(days=1) - timedelta(microseconds=1)
    return min(day, desk.now), ""


def _commands(desk: Desk, claim_id: str) -> Mapping[str, str]:
    url = desk.console.settings.claims_url
    return {
        "curl": f'curl -H "Authorization: Bearer $(claimlog token)" {url}/v1/claims/{claim_id}',
        "claimlog": f"claimlog show claim {claim_id}",
    }
