"""Claims over HTTP: five axes, each from facts, the facts themselves, and the files that prove them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import Query, Response
from pydantic import Field

from services.claims.api.body import ROUTER, Answer, Paged, Request, plain
from services.claims.domain.claim import ClaimNotFound, HoldByHand, ReleaseHold, ResubmitClaim
from services.claims.projections.adjudications import (
    ADJUDICATIONS,
    Adjudication,
    AdjudicationAxis,
    MoneyAxis,
    ReceivableAxis,
)
from services.claims.projections.claims import CLAIM_ROWS, ClaimRow, SubmissionAxis, WorkOwner
from services.claims.projections.codings import CODINGS
from services.claims.projections.submissions import SUBMISSIONS
from services.claims.projections.timeline import TIMELINES
from shared.runtime.days_and_instants import Day
from shared.runtime.file_answers import X12_ANSWER, FileHash
from shared.runtime.files import FileNotFound
from shared.runtime.http import Access, Call, CallAsOf, OneCall
from shared.runtime.pages import Cursor, PageSize

_STREAM: Final = "claim-{claim_id}"
ACCESS: Final = {
    "GET /v1/claims": Access(scope="claims.read", reads="claims, submissions"),
    "GET /v1/claims/{claim_id}": Access(
        scope="claims.read",
        reads="claims, adjudications",
        as_of=True,
        left_out="adjudication, money, ar_stage",
        version_of=_STREAM,
    ),
    "GET /v1/claims/{claim_id}/timeline": Access(
        scope="claims.read",
        reads="timeline, adjudications",
        as_of=True,
        left_out="what payments told",
        version_of=_STREAM,
    ),
    "GET /v1/claims/{claim_id}/files/{sha256}": Access(scope="claims.files", reads="timeline, files"),
    "POST /v1/claims/{claim_id}/holds": Access(
        scope="claims.write",
        does="HoldByHand → ClaimHeld",
        reads="claims",
        version_of=_STREAM,
        changes=True,
        keyed=True,
    ),
    "POST /v1/claims/{claim_id}/releases": Access(
        scope="claims.write",
        does="ReleaseHold → ClaimHoldReleased",
        reads="claims",
        version_of=_STREAM,
        changes=True,
        keyed=True,
    ),
    "POST /v1/claims/{claim_id}/resubmissions": Access(
        scope="claims.write",
        does="ResubmitClaim → ClaimResubmissionAsked",
        reads="claims, codings",
        version_of=_STREAM,
        changes=True,
        keyed=True,
        validates=True,
    ),
}


Stage: TypeAlias = Annotated[SubmissionAxis | None, Query(description="How far they are towards the payer.")]
Owner: TypeAlias = Annotated[WorkOwner | None, Query(description="Whose turn it is.")]


class Release(Request):
    """Why a held claim may go out."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9-]{1,63}$", description="A slug.", examples=["reviewed"])


class Hold(Request):
    """Why a claim may not go out yet."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9-]{1,63}$", description="A slug.", examples=["ask-the-payer"])
    until_on: Day | None = Field(default=None, description="When it is looked at again.", examples=["2026-04-01"])


class LineAnswer(Answer):
    """One line of a claim. **Units**: cents. **Shape**: `authorization_id` is the payer's consent that it names."""

    line_no: int = Field(description="Place on the claim, from 1.", examples=[1])
    line_control_number: str
    procedure_code: str
    modifiers: tuple[str, ...]
    units: int
    pointers: tuple[int, ...]
    service_from_on: date
    service_to_on: date
    charge_cents: int | None = Field(
        default=None, description="What is asked for the line, in cents; null until it is priced.", examples=[15000]
    )
    authorization_id: str | None = None


class ClaimSummary(Answer):
    """A claim in a list: what is asked of whom, how far it is, whose turn it is."""

    claim_id: str
    encounter_id: str
    patient_id: str
    payer_id: str
    charge_cents: int = Field(description="What is asked for, in cents.", examples=[15000])
    submission: SubmissionAxis = Field(description="How far it is towards the payer.")
    work_owner: WorkOwner = Field(description="Whose turn it is.")
    work_reason: str | None = Field(description="Why it is their turn, a slug.", examples=["payer-on-hold"])
    patient_control_number: str | None
    payer_claim_number: str | None = Field(description="The payer's number of the claim.", examples=["ICN2026000001"])
    submitted_at: datetime | None
    filing_deadline_on: date | None


class WorkAnswer(Answer):
    """Whose turn it is, why, and until when."""

    owner: WorkOwner = Field(description="Whose turn it is.")
    reason: str | None = Field(description="Why, a slug.", examples=["payer-on-hold"])
    due_on: date | None = Field(description="Until when.", examples=["2026-04-01"])


class SubmissionAnswer(Answer):
    """How far the claim is towards the payer. **Shape**: `level` and `status_codes` of the last answer."""

    stage: SubmissionAxis = Field(description="How far it is towards the payer.")
    level: Literal["internal", "clearinghouse", "payer"] | None = Field(description="Who answered last.")
    status_codes: tuple[str, ...]
    submission_id: str | None
    patient_control_number: str | None
    batch_id: str | None
    submitted_at: datetime | None


class ClaimAnswer(Answer):
    """A claim: its content, and the five axes. **Units**: cents.

    **Shape**: adjudication, money and A/R stage follow from what payments told; as of an instant they are left out.
    """

    claim_id: str
    encounter_id: str
    patient_id: str
    coverage_id: str
    payer_id: str
    coding_version: int
    newer_coding_version: int | None = Field(description="Codes that came too late for it.", examples=[2])
    rule_set_version: str
    diagnoses: tuple[str, ...]
    lines: tuple[LineAnswer, ...] = Field(description="What is asked for.")
    place_of_service: str
    rendering_provider_id: str | None
    billing_provider_id: str
    charge_cents: int = Field(description="What is asked for, in cents.", examples=[15000])
    fee_schedule_versions: tuple[str, ...]
    payer_claim_number: str | None = Field(description="The payer's number of the claim.", examples=["ICN2026000001"])
    work: WorkAnswer = Field(description="Whose turn it is.")
    submission: SubmissionAnswer = Field(description="How far it is towards the payer.")
    adjudication: AdjudicationAxis | None = Field(description="What the payer decided last.")
    money: MoneyAxis | None = Field(description="What of it is settled.")
    ar_stage: ReceivableAxis | None = Field(description="Who owes what is left.")


class EntryAnswer(Answer):
    """One fact in the life of a claim. **Shape**: `fact` is its type, `codes` sum it up, a file proves it."""

    fact: str = Field(description="What happened.", examples=["ClaimSubmitted"])
    at: datetime = Field(description="When.")
    codes: tuple[str, ...] = Field(default=(), description="Codes that sum it up.", examples=[["A1:20"]])
    level: str | None = Field(default=None, description="Who answered, where somebody did.", examples=["payer"])
    submission_id: str | None = None
    file_sha256: str | None = None


class TimelineAnswer(Answer):
    """The life of a claim, oldest fact first."""

    claim_id: str
    entries: tuple[EntryAnswer, ...] = Field(description="Oldest first.")


@ROUTER.get("/claims")
async def claims(  # noqa: PLR0913, PLR0917 (each filter is a query parameter)
    call: Call,
    submission: Stage = None,
    work_owner: Owner = None,
    payer_id: str | None = None,
    patient_id: str | None = None,
    encounter_id: str | None = None,
    payer_claim_number: Annotated[
        str | None, Query(description="The payer's number of the claim.", examples=["ICN2026000001"])
    ] = None,
    patient_control_number: Annotated[
        str | None, Query(description="Of any sending of the claim, also an earlier one.", examples=["0190F3C2TB7VJXA"])
    ] = None,
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Paged[ClaimSummary]:
    """Return claims by id, those alone that fit every filter; a patient control number fits by any sending of its."""
    where = {
        "submission": submission,
        "work_owner": work_owner,
        "payer_id": payer_id,
        "patient_id": patient_id,
        "encounter_id": encounter_id,
        "payer_claim_number": payer_claim_number,
    }
    if patient_control_number is not None:
        return Paged(items=await _of_sending(patient_control_number, where, call), next=None)
    page = await call.page(CLAIM_ROWS, where=where, cursor=cursor, page_size=page_size)
    return Paged(items=tuple(ClaimSummary.model_validate(plain(row)) for row in page.items), next=page.next)


async def _of_sending(number: str, where: Mapping[str, str | None], call: OneCall) -> tuple[ClaimSummary, ...]:
    """Return the claim that went out under a number, if it fits every filter."""
    sending = await call.row(SUBMISSIONS, number)
    if sending is None:
        return ()
    row = await _row(call, sending.claim_id)
    fits = all(value is None or getattr(row, name) == value for name, value in where.items())
    return (ClaimSummary.model_validate(plain(row)),) if fits else ()


@ROUTER.get("/claims/{claim_id}")
async def claim(claim_id: str, call: CallAsOf) -> ClaimAnswer:
    """Return a claim as it stands. **Errors**: 404 `claim-not-found`."""
    row = await _row(call, claim_id)
    decided = await call.row(ADJUDICATIONS, claim_id)
    return answer(row, _money(decided) if call.as_of is None else {})


@ROUTER.post("/claims/{claim_id}/holds", status_code=201)
async def hold(claim_id: str, why: Hold, call: Call) -> ClaimAnswer:
    """Keep a claim from going out until somebody releases it.

    **Errors**: 404 `claim-not-found`, 409 `claim-cannot-be-held`.
    """
    await call.handle(HoldByHand(claim_id=claim_id, reason=why.reason, until_on=why.until_on, now=call.now))
    return await claim(claim_id, call)


@ROUTER.post("/claims/{claim_id}/releases", status_code=201)
async def release(claim_id: str, why: Release, call: Call) -> ClaimAnswer:
    """Let a held claim go out.

    **Errors**: 404 `claim-not-found`, 409 `claim-not-held`, `newer-codes-pending`, `claim-decided`.
    """
    await call.handle(ReleaseHold(claim_id=claim_id, reason=why.reason, now=call.now))
    return await claim(claim_id, call)


@ROUTER.post("/claims/{claim_id}/resubmissions", status_code=201)
async def resubmit(claim_id: str, call: Call) -> ClaimAnswer:
    """Let a rejected claim go out again as an original, with its codes and what is known of its parties by now.

    **Errors**: 404 `claim-not-found`, 409 `claim-not-rejected`, `newer-codes-pending`.
    """
    row = await _row(call, claim_id)
    coding = await call.row(CODINGS, row.encounter_id)
    newest = coding.coding_version if coding else row.coding_version
    await call.handle(ResubmitClaim(claim_id=claim_id, newest_coding_version=newest, now=call.now))
    return await claim(claim_id, call)


@ROUTER.get("/claims/{claim_id}/timeline")
async def timeline(claim_id: str, call: CallAsOf) -> TimelineAnswer:
    """Return every fact about a claim, ours and those of payments, oldest first. **Errors**: 404 `claim-not-found`."""
    row = await call.row(TIMELINES, claim_id)
    if row is None:
        raise ClaimNotFound("no claim has this id")
    decided = await call.row(ADJUDICATIONS, claim_id)
    entries = [EntryAnswer.model_validate(plain(entry)) for entry in row.entries]
    entries += _payments(decided) if decided else []
    return TimelineAnswer(claim_id=claim_id, entries=tuple(sorted(entries, key=lambda entry: entry.at)))


@ROUTER.get("/claims/{claim_id}/files/{sha256}", response_class=Response, responses=X12_ANSWER)
async def file(claim_id: str, sha256: FileHash, call: Call) -> Response:
    """Return the 837, TA1, 999 or 277CA that names a claim, byte for byte. **Errors**: 404 `file-not-found`."""
    row = await call.row(TIMELINES, claim_id)
    if row is None or not row.has_file(sha256):
        raise FileNotFound("no file of this claim has this hash")
    return call.sent(await call.file(sha256), "application/edi-x12")


async def _row(call: OneCall, claim_id: str) -> ClaimRow:
    row = await call.row(CLAIM_ROWS, claim_id)
    if row is None:
        raise ClaimNotFound("no claim has this id")
    return row


def answer(row: ClaimRow, money: Mapping[str, str]) -> ClaimAnswer:
    """Return a claim with its five axes, two from our facts and three from those of payments, if they are told."""
    charges = {line.line_no: line.charge_cents for line in row.priced}
    consents = {each.line_no: each.authorization_id for each in row.authorizations}
    lines = [
        {**plain(line), "charge_cents": charges.get(line.line_no), "authorization_id": consents.get(line.line_no)}
        for line in row.lines
    ]
    due_on = row.hold_until_on or (row.filing_deadline_on if row.work_owner in {"biller", "coder"} else None)
    return ClaimAnswer.model_validate(
        {
            **plain(row),
            "lines": lines,
            "work": {"owner": row.work_owner, "reason": row.work_reason, "due_on": due_on},
            "submission": {**plain(row), "stage": row.submission},
            **{axis: money.get(axis) for axis in ("adjudication", "money", "ar_stage")},
        }
    )


def _money(decided: Adjudication | None) -> Mapping[str, str]:
    if decided is None:
        return {"adjudication": "none", "money": "unpaid", "ar_stage": "primary-payer"}
    return {"adjudication": decided.adjudication(), "money": decided.money(), "ar_stage": decided.receivable()}


def _payments(decided: Adjudication) -> list[EntryAnswer]:
    names = {"paid": "ClaimPaid", "partially-paid": "ClaimPartiallyPaid", "denied": "ClaimDenied"}
    return [
        EntryAnswer(
            fact=names[each.decided],
            at=each.posted_at,
            codes=(f"CLP02:{each.claim_status_code}", each.ledger_batch_id),
            level="payer",
            submission_id=each.submission_id,
        )
        for each in decided.decisions
    ]
