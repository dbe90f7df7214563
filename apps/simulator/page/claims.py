"""Received claims as a trainer reads them: the list with its filter, and one claim with its lines and its past.

Owns: what a row says. Refuses: to change anything. It reads while an interchange may be worked on: a claim may be a
moment older than its neighbour, and a list that only grows is never caught half-written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.simulator.adjudication import DecidedLine
from apps.simulator.book import BookedClaim
from apps.simulator.case import Case, State
from apps.simulator.office import Office
from apps.simulator.page.paging import Slice, top_of
from shared.x12.sets.t837p_x222a1 import ServiceLine

SCANNED_MAX: Final = 50_000
"""Claims that one search looks at; older ones are a click further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which claims. **Shape**: `text` is part of a number or of the member's id; empty fields want all."""

    state: str = ""
    text: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim of the list. **Units**: cents. **Shape**: `reasons` as group and CARC, or who rejected it and how."""

    row: int
    number: str
    payer_claim_number: str
    payer_id: str
    member_id: str
    scenario: str
    charge_cents: int
    paid_cents: int
    state: str
    reasons: tuple[str, ...]
    trace_number: str
    received_on: date
    decided_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One line of a claim. **Shape**: `decided` is None before the payer decides."""

    line: ServiceLine
    decided: DecidedLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One claim. **Shape**: `past` is each decision and reversal of the book, oldest first."""

    claim: ClaimRow
    meets: str
    patient: str
    frequency: str
    lines: tuple[ClaimLine, ...]
    past: tuple[BookedClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The claims of one state. **Units**: cents."""

    state: str
    claims: int
    charge_cents: int
    paid_cents: int


def find(office: Office, wanted: Wanted, limit: int) -> Slice[ClaimRow]:
    """Return the newest claims that are wanted; the cursor moves on even where none of those looked at is."""
    cases, found = office.cases, list[ClaimRow]()
    top = top_of(len(cases), wanted.before)
    text = wanted.text.casefold()
    for row in range(top, 0, -1):
        if _is_wanted(cases[row - 1], wanted.state, text):
            found.append(_row(row, cases[row - 1]))
        if len(found) == limit or top - row + 1 == SCANNED_MAX:
            return Slice(found, row if row > 1 else 0)
    return Slice(found)


def view(office: Office, *, row: int, payer_claim_number: str = "") -> ClaimView | None:
    """Return one claim by its row, or by the payer's number of it; None where there is none."""
    if payer_claim_number:
        case = office.by_payer_number.get(payer_claim_number)
        row = 0
    else:
        case = office.cases[row - 1] if 0 < row <= len(office.cases) else None
    if case is None:
        return None
    claim, decided = case.claim_and_decided
    person = claim.patient.name if claim.patient else claim.subscriber.name
    answers: Sequence[DecidedLine | None] = decided.lines if decided else [None] * len(claim.lines)
    return ClaimView(
        claim=_row(row, case),
        meets=case.scenario.meets,
        patient=" ".join(filter(None, (person.first_name, person.last_name))),
        frequency=claim.frequency,
        lines=tuple(ClaimLine(line=line, decided=answer) for line, answer in zip(claim.lines, answers, strict=True)),
        past=office.book.past_of(case.payer_id, case.payer_claim_number) if case.payer_claim_number else (),
    )


def tallies(office: Office) -> Sequence[Tally]:
    """Return how many claims are how far, in the order of the states."""
    claims, charge_cents, paid_cents = Counter[State](), Counter[State](), Counter[State]()
    for case in office.cases:
        state = case.state
        claims[state] += 1
        charge_cents[state] += case.charge_cents
        paid_cents[state] += _paid_cents(case)
    return [
        Tally(state=each, claims=claims[each], charge_cents=charge_cents[each], paid_cents=paid_cents[each])
        for each in State
    ]


def _is_wanted(case: Case, state: str, text: str) -> bool:
    if state and case.state != state:
        return False
    if not text:
        return True
    said = (case.number, case.payer_claim_number, case.member_id, case.payer_id, case.trace_number)
    return any(text in each.casefold() for each in said)


def _row(row: int, case: Case) -> ClaimRow:
    return ClaimRow(
        row=row,
        number=case.number,
        payer_claim_number=case.payer_claim_number,
        payer_id=case.payer_id,
        member_id=case.member_id,
        scenario=case.scenario.prefix + case.scenario.code,
        charge_cents=case.charge_cents,
        paid_cents=_paid_cents(case),
        state=case.state,
        reasons=_reasons(case),
        trace_number=case.trace_number,
        received_on=case.received_on,
        decided_on=case.decided_on,
    )


def _paid_cents(case: Case) -> int:
    return 0 if case.state is State.VOIDED else case.paid_cents  # what was paid was taken back


def _reasons(case: Case) -> tuple[str, ...]:
    if case.state is State.REJECTED:
        return (f"{case.level} {case.status_code}",)
    decided = case.decided
    if decided is None:
        return ()
    return tuple(dict.fromkeys(f"{one.group}-{one.reason}" for line in decided.lines for one in line.adjustments))
