"""The payers: they take claims in or refuse them, decide them when their day has come, and pay by check.

Owns: the order in which decisions, second looks, checks and repeated files come about, and the members' years.
Refuses: prices and sums (`adjudication.py`, `treasury.py`) and bytes (`remitting.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, TypeAlias

from apps.simulator.adjudication import Asked, Decided, adjudicate
from apps.simulator.case import Case, State
from apps.simulator.office import Office, Task
from apps.simulator.plan import holding, is_before
from apps.simulator.remitting import handling, write_checks
from apps.simulator.scenario import Afterwards, RefusedBy
from apps.simulator.treasury import Account, Check, Payment, checks_of, cut, files_of, interest_cents
from shared.x12.claim_status import Status
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim

Payee: TypeAlias = tuple[str, str, str]
_ORIGINAL: Final = "1"
_VOID: Final = "8"
_FOUND_TERMINATED: Final = "27"
_MEMBER_NOT_FOUND: Final = Status(category="A3", status="33", entity="IL")
_ORIGINAL_NOT_FOUND: Final = Status(category="A3", status="464", entity="PR")
_NO_ACCOUNT: Final = Account()
_DECIDED: Final = frozenset({State.PAID, State.DENIED})


def refusal(office: Office, case: Case) -> Status | None:
    """Return why a payer does not take a claim in, None where it does."""
    if case.scenario.refused_by is RefusedBy.PAYER:
        return _MEMBER_NOT_FOUND
    claim = case.claim
    if claim.frequency == _ORIGINAL:
        return None
    original = office.by_payer_number.get(claim.original_payer_control_number)
    if original is None or original.state not in _DECIDED or _whose(original) != _whose(case):
        return _ORIGINAL_NOT_FOUND
    return None


def _whose(case: Case) -> tuple[str, ...]:
    """Return what a claim and its correction have in common."""
    return case.payer_id, case.member_id.upper(), case.claim.billing_provider.npi, *case.address.sender


def settle(office: Office, tasks: Iterable[tuple[Task, Case]]) -> None:
    """Do what is due at one moment, and send the checks for it: a file for each payer."""
    payments: dict[Payee, list[tuple[Case, Payment]]] = {}
    for task, asked in tasks:
        for case, payment in _decide(office, asked) if task is Task.DECIDE else _revise(office, asked):
            claim = case.claim
            payee = (case.payer_id, claim.billing_provider.npi, case.address.sender[1])
            payments.setdefault(payee, []).append((case, payment))
    for payer_id in dict.fromkeys(payer_id for payer_id, _, _ in payments):
        _pay(office, [cases for payee, cases in payments.items() if payee[0] == payer_id])


def _decide(office: Office, case: Case) -> Iterator[tuple[Case, Payment]]:
    """Yield what becomes of a claim; a correction or a void takes its original back first.

    A correction whose original was taken back meanwhile, by another one, has nothing to correct: it is a repeat.
    """
    claim = case.claim
    if claim.frequency != _ORIGINAL:
        original = office.by_payer_number[claim.original_payer_control_number]
        if original.state in _DECIDED:
            yield original, _reversal(office, original)
            original.state = State.VOIDED
        else:
            case.is_repeated = True
    if claim.frequency == _VOID:
        case.state, case.decided_on = State.VOIDED, office.today
        case.put_away()
        return
    yield case, _decision(office, case, _asked(office, case))
    if case.scenario.afterwards and case.state is State.PAID:
        office.plan(Task.REVISE, case, days=case.scenario.afterwards_days)


def _revise(office: Office, case: Case) -> Iterator[tuple[Case, Payment]]:
    """Yield the reversal of a payment, and what the payer decides in its place."""
    if case.state is not State.PAID:
        return  # it was voided or replaced meanwhile
    yield case, _reversal(office, case)
    asked = _asked(office, case)
    if case.scenario.afterwards is Afterwards.CORRECTS:
        yield case, _decision(office, case, replace(asked, is_corrected=True))
    else:
        denied = replace(case.scenario, is_denied=True, code=_FOUND_TERMINATED)
        yield case, _decision(office, case, replace(asked, scenario=denied))


def _asked(office: Office, case: Case) -> Asked:
    claim, directory = case.claim, office.directory
    payer_id, member_id = claim.payer.payer_id, claim.subscriber.member_id
    first_on = _first_on(claim)
    coverages = directory.coverages(payer_id, member_id, case.scenario, case.received_on)
    return Asked(
        claim=claim,
        scenario=case.scenario,
        coverage=holding(coverages, first_on),
        is_early=is_before(coverages, first_on),
        contract=directory.contract(payer_id),
        received_on=case.received_on,
        used=office.accumulators.used(payer_id, member_id, first_on.year),
        is_repeated=case.is_repeated,
    )


def _first_on(claim: ProfessionalClaim) -> date:
    """Return the first day of service: whose coverage holds, and which year counts."""
    return min(line.service_from for line in claim.lines)


def _decision(office: Office, case: Case, asked: Asked) -> Payment:
    decided = adjudicate(asked)
    case.decide(decided, on=office.today)
    _count(office, decided, sign=1)
    interest = 0
    if case.scenario.bears_interest:
        interest = interest_cents(decided.paid_cents, received_on=case.received_on, paid_on=office.today)
    return Payment(
        payer_claim_number=case.payer_claim_number,
        decided=decided,
        scenario=case.scenario,
        received_on=case.received_on,
        interest_cents=interest,
    )


def _reversal(office: Office, case: Case) -> Payment:
    decided = case.decided
    assert decided is not None, "only what was decided is taken back"  # noqa: S101 (its state says so)
    _count(office, decided, sign=-1)
    return Payment(
        payer_claim_number=case.payer_claim_number,
        decided=decided,
        scenario=case.scenario,
        received_on=case.received_on,
        is_reversal=True,
    )


def _count(office: Office, decided: Decided, *, sign: int) -> None:
    """Move what the member bore of the year."""
    claim = decided.claim
    key = (claim.payer.payer_id, claim.subscriber.member_id, _first_on(claim).year)
    office.accumulators.add(*key, decided.used.times(sign))


def _pay(office: Office, of_payees: Sequence[Sequence[tuple[Case, Payment]]]) -> None:
    """Send the checks of one payer: in one file, but for those that its scenarios put into another one.

    Everything is written before any of it is booked: a check that cannot be written changes nothing.
    """
    first, others, again = [], [], False
    address = of_payees[0][0][0].address
    drawn: list[Check] = []
    accounts: dict[tuple[str, str], Account] = {}
    for cases in of_payees:
        for payments in checks_of([payment for _, payment in cases], claims_max=office.claims_per_check_max):
            check = _check(office, accounts, payments, number=len(office.book.checks) + len(drawn) + 1)
            drawn.append(check)
            part, *rest = files_of(check)
            first.append(part)
            others += rest
            again = again or any(payment.scenario.repeats_file for payment in payments)
    files = (first, *[[other] for other in others], *([first] if again else []))
    written = [
        write_checks(checks, envelope=office.envelope(address, ahead=ahead), on=office.today)
        for ahead, checks in enumerate(files)
    ]
    office.accounts |= accounts
    for check in drawn:
        _book(office, check)
    for content in written:
        office.post("835", content)
    for cases in of_payees:
        for case, _ in cases:
            case.put_away()


def _check(
    office: Office, accounts: dict[tuple[str, str], Account], payments: tuple[Payment, ...], *, number: int
) -> Check:
    """Return a check with what the payee owes taken off, and take down in `accounts` what is owed after it."""
    claim = payments[0].decided.claim
    account = (claim.payer.payer_id, claim.billing_provider.npi)
    drawn = Check(trace_number=f"SIM{number:09d}", payer=claim.payer, payee=claim.billing_provider, payments=payments)
    check, accounts[account] = cut(drawn, accounts.get(account) or office.accounts.get(account, _NO_ACCOUNT))
    return check


def _book(office: Office, check: Check) -> None:
    """Enter a check in the book, and name it in its claims."""
    office.book.enter(check)
    _, method = handling(check)  # a sum over its claims: once
    for payment in check.payments:
        case = office.by_payer_number[payment.payer_claim_number]
        case.trace_number, case.payment_method = check.trace_number, method
