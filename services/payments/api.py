"""HTTP of payments: an 835 comes in as bytes, everything else is a question; answers show state, never events.

Rules stand in `domain/`. A check that is answered `received` posts at once by itself: `GET /v1/remittances/{id}` says
when.
"""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from fastapi import APIRouter, Query, Response
from msgspec import to_builtins
from pydantic import BaseModel, ConfigDict, Field

from services.payments.domain.remittance import ReceiveRemittance
from services.payments.domain.remittance_835 import CODE, Reading, commands, units, unreadable
from services.payments.projections.checks import CHECKS, Check
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS
from services.payments.projections.exception_queue import EXCEPTIONS, ExceptionRow, Kind, quarantine_key
from services.payments.projections.hours import HOURS
from services.payments.projections.patient_balances import PATIENT_BALANCES, PatientBalance
from services.payments.projections.remittances import REMITTANCES, RemittanceRow, State
from services.payments.projections.trial_balance import LEDGER, TRIAL_BALANCE, TrialBalance, split
from services.payments.settings import Settings
from shared.kernel.errors import Malformed, NotFound
from shared.runtime.file_answers import X12_ANSWER, FileHash
from shared.runtime.files import File, FileNotFound
from shared.runtime.hours import HoursFrom, HoursTo, hours_between
from shared.runtime.http import Access, Call, CallAsOf
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.route import ShortRoute
from shared.runtime.store import Order
from shared.x12.malformed import MalformedX12

ROUTER = APIRouter(prefix="/v1", route_class=ShortRoute)
ACCESS: Final = {
    "POST /v1/remittances": Access(
        scope="payments.write",
        does="ReceiveRemittance → RemittanceReceived, RemittanceQuarantined, DuplicateRemittanceDetected",
        reads="remittances, exceptions",
        keyed=True,
        validates=True,
    ),
    "GET /v1/remittances": Access(scope="payments.read", reads="remittances"),
    "GET /v1/remittances/{remittance_id}": Access(
        scope="payments.read", reads="remittances, checks", as_of=True, version_of="remittance-{remittance_id}"
    ),
    "GET /v1/remittances/{remittance_id}/files/{sha256}": Access(scope="payments.files", reads="remittances, files"),
    "GET /v1/exceptions": Access(scope="payments.read", reads="exceptions"),
    "GET /v1/claim-accounts/{claim_id}": Access(
        scope="payments.read", reads="claim_accounts", as_of=True, version_of="claim_account-{claim_id}"
    ),
    "GET /v1/hourly-figures": Access(scope="payments.read", reads="hours"),
    "GET /v1/trial-balance": Access(scope="payments.read", reads="trial_balance"),
    "GET /v1/patient-balances/{patient_id}": Access(
        scope="payments.read", reads="patient_balances", as_of=True, version_of="patient_account-{patient_id}"
    ),
}
X12_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/edi-x12": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Item = TypeVar("Item")
OfState = Annotated[State | None, Query(description="How far they are.")]
OfKind = Annotated[Kind | None, Query(description="What they are.")]
OfRemittance = Annotated[str | None, Query(description="Of which check.")]
RemittanceOrder = Literal["key", "paid_on", "-paid_on"]
ByDay = Annotated[
    RemittanceOrder,
    Query(description="What comes first: by id, or by the day of payment, with - the latest; none last."),
]
NeedsAction = Annotated[bool | None, Query(description="Whether somebody has to do something.")]


class Paged(BaseModel, Generic[Item]):
    """One page. **Shape**: `next` asks for the following one, null at the end."""

    items: tuple[Item, ...]
    next: str | None


class ReceivedSet(BaseModel):
    """What became of one ST. **Shape**: a duplicate points to the check that was posted, and to the file with it."""

    remittance_id: str
    transaction_control_number: str
    outcome: Literal["received", "posted", "duplicate", "quarantined"] = Field(description="What became of it.")
    first_file_sha256: str = Field(
        description="The file that it came with first.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    level: str | None = None
    reason: str | None = None
    difference_cents: int = 0


class ReceivedFile(BaseModel):
    """What became of a file, ST by ST, in its order."""

    file_sha256: str
    remittances: tuple[ReceivedSet, ...] = Field(description="By place in the file.")


class Answer(BaseModel):
    """Built from rows, whose values may be of msgspec."""

    model_config = ConfigDict(frozen=True)


class AdjustmentAnswer(Answer):
    """Why less was paid."""

    group: str
    reason_code: str
    amount_cents: int = Field(description="How much less, in cents.", examples=[3000])


class LineAnswer(Answer):
    """What was decided about one line."""

    line_control_number: str | None
    procedure_code: str
    charged_cents: int = Field(description="What was asked for, in cents.", examples=[15000])
    paid_cents: int = Field(description="What was paid, in cents.", examples=[12000])
    adjustments: tuple[AdjustmentAnswer, ...] = Field(description="Why less was paid for the line.")
    remark_codes: tuple[str, ...]


class ClaimPaymentAnswer(Answer):
    """One claim of a check. **Shape**: `claim_id` is null while no claim of ours has its control number."""

    index: int = Field(description="Place in the check, from 0.", examples=[0])
    patient_control_number: str
    claim_status_code: str
    payer_claim_number: str | None
    charged_cents: int = Field(description="What was asked for, in cents.", examples=[15000])
    paid_cents: int = Field(description="What was paid, in cents.", examples=[12000])
    lines: tuple[LineAnswer, ...]
    adjustments: tuple[AdjustmentAnswer, ...] = Field(description="Why less was paid for the claim as a whole.")
    claim_id: str | None = None
    match_method: str | None = Field(default=None, description="How its claim was found.", examples=["control-number"])


class ProviderAdjustmentAnswer(Answer):
    """One PLB amount; positive reduces the payment."""

    plb_code: str
    reference: str | None
    amount_cents: int = Field(description="In cents; positive reduces the payment.", examples=[500])


class RemittanceAnswer(Answer):
    """A check with its claims; one in quarantine shows its totals only."""

    remittance_id: str
    state: State = Field(description="How far it is.")
    payer_identifier: str | None
    trace_number: str | None
    paid_cents: int = Field(description="What was paid in all, in cents.", examples=[12000])
    paid_on: date | None
    method: str | None = Field(description="How it was paid (BPR04).", examples=["ACH"])
    claim_count: int
    unmatched_count: int
    provider_adjustment_cents: int
    duplicate_count: int = Field(description="How often it came again.", examples=[0])
    level: str | None
    reason: str | None
    difference_cents: int
    file_sha256: str
    received_at: datetime | None
    posted_at: datetime | None
    claims: tuple[ClaimPaymentAnswer, ...] = Field(default=(), description="Payments in their order.")
    provider_adjustments: tuple[ProviderAdjustmentAnswer, ...] = ()


class EntryAnswer(Answer):
    """One side of a posting."""

    account: str
    debit_cents: int
    credit_cents: int


class BatchAnswer(Answer):
    """A balanced posting, the check and the file that it came from."""

    batch_id: str
    kind: str = Field(description="What is posted.", examples=["payment"])
    entries: tuple[EntryAnswer, ...]
    posted_at: datetime
    remittance_id: str | None
    file_sha256: str | None
    reverses: str | None


class ClaimAccountAnswer(Answer):
    """A claim's money: charge = paid + contractual + denied + patient + open."""

    claim_id: str
    patient_id: str | None
    charge_cents: int = Field(description="What was asked for, in cents.", examples=[15000])
    paid_cents: int = Field(description="What was paid, in cents.", examples=[12000])
    contractual_cents: int
    denied_cents: int = Field(description="What payers refuse, in cents.", examples=[0])
    patient_cents: int = Field(description="What the patient owes, in cents.", examples=[0])
    open_cents: int = Field(description="What is still open, in cents.", examples=[0])
    batches: tuple[BatchAnswer, ...] = Field(description="Every posting, oldest first.")


class AccountAnswer(Answer):
    """One account of the ledger."""

    account: str
    debit_cents: int
    credit_cents: int
    balance_cents: int = Field(description="Debit less credit, in cents.", examples=[15000])


class MoneyAnswer(Answer):
    """What became of everything that was charged; `charged` is the sum of the others. **Units**: cents."""

    charged: int = Field(description="What was asked for.", examples=[15000])
    paid: int = Field(description="What was paid.", examples=[10000])
    contractual: int = Field(description="What contracts take off, and earlier payers did.", examples=[3000])
    denied: int = Field(description="What payers refuse.", examples=[0])
    patient: int = Field(description="What patients owe.", examples=[2000])
    open: int = Field(description="What payers owe besides what is unposted.", examples=[0])
    unposted: int = Field(description="What payers say they sent and is on no claim yet.", examples=[0])


class TrialBalanceAnswer(Answer):
    """Every account; `total_cents` is 0 where the books are right, and `money_cents` then adds up to `charged`."""

    accounts: tuple[AccountAnswer, ...] = Field(description="Every account.")
    total_cents: int = Field(description="Sum of all balances, in cents: 0.", examples=[0])
    batch_count: int = Field(description="How many postings.", examples=[12])
    money_cents: MoneyAnswer


class HourAnswer(Answer):
    """One hour; what is reversed in it is taken back in it. **Units**: cents."""

    hour: str = Field(description="The hour in UTC.", examples=["2026-03-03T14"])
    paid_cents: int = Field(description="What payers paid for claims, in cents.", examples=[12000])
    paid_claims: int = Field(description="Decisions with money, less those reversed.", examples=[1])
    denied_cents: int = Field(description="What payers refused, in cents.", examples=[0])
    denied_claims: int = Field(description="Decisions with a refusal, less those reversed.", examples=[0])
    contractual_cents: int = Field(
        description="What contracts take off, and earlier payers did, in cents.", examples=[3000]
    )


class HourlyFigures(Answer):
    """Hours in which something was posted; all hours together are those parts of the trial balance."""

    items: tuple[HourAnswer, ...] = Field(description="Earliest first; an hour without figures is left out.")


class UnreadableRemittance(Malformed):
    """A file is no 835 that can be read. It is kept, and stands in the exceptions.

    **Shape**: the message begins with the slug of what is wrong; segments count from 1, bytes from 0.
    """

    slug = "remittance-unreadable"

    def __init__(self, error: MalformedX12) -> None:
        super().__init__(f"{error.slug}: {error}")
        self.segment_number = error.segment
        self.byte_offset = error.offset


class RemittanceNotFound(NotFound):
    """No check has this id."""

    slug = "remittance-not-found"


class ClaimAccountNotFound(NotFound):
    """Nothing was charged or paid for a claim with this id."""

    slug = "claim-account-not-found"


class PatientBalanceNotFound(NotFound):
    """A patient with this id never owed anything."""

    slug = "patient-balance-not-found"


@ROUTER.post("/remittances", status_code=201, openapi_extra=X12_BODY, responses={200: {"model": ReceivedFile}})
async def receive(call: Call) -> ReceivedFile:
    """Take in an 835: 201, or 200 where every ST of it was known. **Errors**: 422 `remittance-unreadable`."""
    file = File(kind=CODE, content=await call.request.body())
    settings = call.resource(Settings)
    reading = Reading(
        reading_id=call.new_id(),
        source="api",
        unit_events_max=settings.unit_events_max,
        event_bytes_max=settings.event_bytes_max,
        now=call.now,
    )
    try:
        received = await asyncio.to_thread(commands, file.content, reading)
    except MalformedX12 as error:
        await call.handle(unreadable(file.content, error, reading), files=(file,))
        raise UnreadableRemittance(error) from None
    groups = units(received, unit_events_max=settings.unit_events_max)
    group, following = await asyncio.to_thread(lambda: (next(groups, ()), next(groups, ())))
    if following:
        call.idempotency = None  # it answers one unit; the checks themselves tell a repeat
    sets: list[ReceivedSet] = []
    files: tuple[File, ...] = (file,)
    while group:
        await call.handle(*group, files=files)
        sets += [await _received(call, command) for command in group]
        group, following, files = following, await asyncio.to_thread(next, groups, ()), ()
    if all(each.outcome == "duplicate" for each in sets):
        call.response.status_code = 200
    return ReceivedFile(file_sha256=file.sha256, remittances=tuple(sets))


async def _received(call: Call, command: ReceiveRemittance) -> ReceivedSet:
    """Return what became of one ST, by the rows that its unit left; `reading_id` tells the first from a twin."""
    row = await _row(call, command.remittance_id)
    answer = ReceivedSet(
        remittance_id=command.remittance_id,
        transaction_control_number=command.transaction_control_number,
        outcome="duplicate",
        first_file_sha256=row.file_sha256,
    )
    held = await call.row(EXCEPTIONS, quarantine_key(command.remittance_id, command.body_sha256))
    if held is not None:
        why = {"level": held.level, "reason": held.reason, "difference_cents": held.difference_cents}
        return answer.model_copy(update={"outcome": "quarantined", **why})
    if row.reading_id == command.reading_id:
        return answer.model_copy(update={"outcome": row.state})
    return answer


async def _row(call: Call, remittance_id: str) -> RemittanceRow:
    row = await call.row(REMITTANCES, remittance_id)
    if row is None:
        raise RemittanceNotFound("no check has this id")
    return row


@ROUTER.get("/remittances")
async def remittances(  # noqa: PLR0913, PLR0917 (each a parameter of the address)
    call: Call,
    state: OfState = None,
    trace_number: str | None = None,
    order: ByDay = "key",
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Paged[RemittanceAnswer]:
    """Return checks without their claims."""
    asked = {"state": state, "trace_number": trace_number}
    where = {name: value for name, value in asked.items() if value is not None}
    by_day = None if order == "key" else Order("paid_on", descending=order == "-paid_on")
    page = await call.page_in_order(REMITTANCES, by_day, where=where, cursor=cursor, page_size=page_size)
    return Paged(items=tuple(_check(row, None) for row in page.items), next=page.next)


@ROUTER.get("/remittances/{remittance_id}")
async def remittance(remittance_id: str, call: CallAsOf) -> RemittanceAnswer:
    """Return a check with its claims. **Errors**: 404 `remittance-not-found`."""
    row = await _row(call, remittance_id)
    check = await call.row(CHECKS, remittance_id)
    return _check(row, check)


@ROUTER.get("/remittances/{remittance_id}/files/{sha256}", response_class=Response, responses=X12_ANSWER)
async def remittance_file(remittance_id: str, sha256: FileHash, call: Call) -> Response:
    """Return the 835 that a check came in, byte for byte. **Errors**: 404 `remittance-not-found`, `file-not-found`."""
    row = await _row(call, remittance_id)
    if row.file_sha256 != sha256:
        raise FileNotFound("no file of this check has this hash")
    return call.sent(await call.file(sha256), "application/edi-x12")


def _check(row: RemittanceRow, check: Check | None) -> RemittanceAnswer:
    matches = {match.index: match for match in check.matches} if check else {}
    claims: list[dict[str, Any]] = []
    for payment in check.payments if check else ():
        match = matches.get(payment.index)
        tied = {"claim_id": match.claim_id, "match_method": match.method} if match else {}
        claims.append({**to_builtins(payment), **tied})
    return RemittanceAnswer.model_validate(
        {
            **to_builtins(row, builtin_types=(datetime, date)),
            "claims": claims,
            "provider_adjustments": to_builtins(check.provider_adjustments) if check else (),
        }
    )


@ROUTER.get("/exceptions")
async def exceptions(  # noqa: PLR0913, PLR0917 (each a parameter of the address)
    call: Call,
    kind: OfKind = None,
    needs_action: NeedsAction = None,
    remittance_id: OfRemittance = None,
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Paged[ExceptionRow]:
    """Return what somebody must look at, and the duplicates that ask for nothing."""
    where = {"kind": kind, "needs_action": needs_action, "remittance_id": remittance_id}
    page = await call.page(EXCEPTIONS, where=where, cursor=cursor, page_size=page_size)
    return Paged(items=page.items, next=page.next)


@ROUTER.get("/claim-accounts/{claim_id}")
async def claim_account(claim_id: str, call: CallAsOf) -> ClaimAccountAnswer:
    """Return a claim's money and every posting behind it. **Errors**: 404 `claim-account-not-found`."""
    row = await call.row(CLAIM_ACCOUNTS, claim_id)
    if row is None:
        raise ClaimAccountNotFound("nothing was charged or paid for this claim")
    return ClaimAccountAnswer.model_validate(to_builtins(row, builtin_types=(datetime,)))


@ROUTER.get("/trial-balance")
async def trial_balance(call: Call) -> TrialBalanceAnswer:
    """Return every account of the ledger and what became of all charges."""
    trial = await call.row(TRIAL_BALANCE, LEDGER) or TrialBalance()
    accounts = tuple(
        AccountAnswer(
            account=total.account,
            debit_cents=total.debit_cents,
            credit_cents=total.credit_cents,
            balance_cents=total.balance_cents,
        )
        for total in trial.accounts
    )
    return TrialBalanceAnswer(
        accounts=accounts,
        total_cents=sum(account.balance_cents for account in accounts),
        batch_count=trial.batch_count,
        money_cents=MoneyAnswer.model_validate(to_builtins(split(trial))),
    )


@ROUTER.get("/hourly-figures")
async def hourly_figures(first: HoursFrom, end: HoursTo, call: Call) -> HourlyFigures:
    """Return what payers paid, refused and took off in each hour, of at most 100 days; days of any place are sums.

    **Errors**: 422 `hours-not-askable`.
    """
    found = await call.rows_by_key(HOURS, hours_between(first, end))
    return HourlyFigures(items=tuple(HourAnswer.model_validate(to_builtins(row)) for _, row in sorted(found.items())))


@ROUTER.get("/patient-balances/{patient_id}")
async def patient_balance(patient_id: str, call: CallAsOf) -> PatientBalance:
    """Return what a patient owes, by claim and visit. **Errors**: 404 `patient-balance-not-found`."""
    row = await call.row(PATIENT_BALANCES, patient_id)
    if row is None:
        raise PatientBalanceNotFound("this patient never owed anything")
    return row
