"""`services/payments/domain/{adjudication,ledger}.py`: every cent of a charge has a bearer, every batch balances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain import ledger
from services.payments.domain.adjudication import Adjudication, ClaimPayment, Outcome, adjudicate
from services.payments.domain.ledger import Account, Entry, UnbalancedBatch
from shared.events.payments import AdjudicatedLine, Adjustment

ON = date(2026, 3, 20)
CENTS = st.integers(-500_000, 500_000)
ADJUSTMENT = st.builds(
    Adjustment,
    group=st.sampled_from(["CO", "PR", "OA", "PI", "CR"]),
    reason_code=st.sampled_from(["1", "2", "3", "23", "45", "50", "27", "96", "97", "133", "253", "999"]),
    amount_cents=CENTS,
)


def line(paid_cents: int, *adjustments: Adjustment) -> AdjudicatedLine:
    return AdjudicatedLine(
        line_control_number=None,
        procedure_code="99213",
        charged_cents=paid_cents + sum(each.amount_cents for each in adjustments),
        paid_cents=paid_cents,
        adjustments=adjustments,
        remark_codes=(),
    )


def claim(*lines: AdjudicatedLine, status: str = "1", adjustments: tuple[Adjustment, ...] = ()) -> ClaimPayment:
    """Return a claim payment that balances."""
    taken = sum(each.amount_cents for each in adjustments)
    charged_cents = sum(each.charged_cents for each in lines)
    return ClaimPayment(
        index=1,
        patient_control_number="PCN1",
        claim_status_code=status,
        payer_claim_number="ICN1",
        charged_cents=charged_cents,
        paid_cents=sum(each.paid_cents for each in lines) - taken,
        lines=lines,
        adjustments=adjustments,
    )


def cas(group: str, reason_code: str, amount_cents: int = 1000) -> Adjustment:
    return Adjustment(group=group, reason_code=reason_code, amount_cents=amount_cents)


CLAIMS = st.builds(
    lambda lines, adjustments, status: claim(
        *[line(paid, *reasons) for paid, reasons in lines], status=status, adjustments=tuple(adjustments)
    ),
    st.lists(st.tuples(CENTS, st.lists(ADJUSTMENT, max_size=5)), max_size=5),
    st.lists(ADJUSTMENT, max_size=3),
    st.sampled_from(["1", "2", "3", "4", "19"]),
)


@given(CLAIMS)
def test_gives_every_cent_of_a_charge_one_bearer(payment: ClaimPayment) -> None:
    found = adjudicate(payment, ON)

    borne = (found.contractual_cents, found.patient_cents, found.denied_cents, found.other_cents, found.pending_cents)
    assert found.charged_cents == found.paid_cents + sum(borne)


@given(CLAIMS, st.sampled_from([Account.REMITTANCE_CLEARING, Account.UNAPPLIED]))
def test_posts_balanced_batches_that_a_reversal_undoes_to_the_cent(
    payment: ClaimPayment, source: ledger.Source
) -> None:
    posted = ledger.payment(adjudicate(payment, ON), source)
    undone = ledger.reversal(posted)
    sums = dict.fromkeys(Account, 0)
    for entry in (*posted, *undone):
        sums[entry.account] += entry.debit_cents - entry.credit_cents

    money = sums.pop(Account.UNAPPLIED) + sums.pop(Account.REMITTANCE_CLEARING)
    assert balance(posted) == balance(undone) == 0
    assert money == 0
    assert set(sums.values()) == {0}


@given(st.lists(CLAIMS, max_size=4), st.lists(CENTS, max_size=3), st.lists(CENTS, max_size=3))
def test_clears_a_check_to_zero(claims: list[ClaimPayment], plb: list[int], unmatched: list[int]) -> None:
    paid_cents = sum(each.paid_cents for each in claims) + sum(unmatched) - sum(plb)
    receipt = ledger.receipt(paid_cents, provider_adjustments_cents=plb, unapplied_cents=unmatched)
    posted = [entry for each in claims for entry in ledger.payment(adjudicate(each, ON), Account.REMITTANCE_CLEARING)]

    clearing = [entry for entry in (*receipt, *posted) if entry.account == Account.REMITTANCE_CLEARING]
    assert balance(receipt) == 0
    assert balance(clearing) == 0


def balance(entries: tuple[Entry, ...] | list[Entry]) -> int:
    return sum(entry.debit_cents - entry.credit_cents for entry in entries)


@pytest.mark.parametrize(
    ("reason", "bearer"),
    [
        (cas("CO", "45"), "contractual_cents"),
        (cas("CO", "253"), "contractual_cents"),
        (cas("PR", "1"), "patient_cents"),
        (cas("PR", "96"), "patient_cents"),
        (cas("CO", "50"), "denied_cents"),
        (cas("PI", "97"), "denied_cents"),
        (cas("OA", "23"), "other_cents"),
        (cas("CO", "133"), "pending_cents"),
        (cas("CO", "999"), "denied_cents"),
        (cas("CR", "45"), "denied_cents"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.group}-{value.reason_code}",
)
def test_says_who_bears_an_adjustment(reason: Adjustment, bearer: str) -> None:
    assert getattr(adjudicate(claim(line(5000, reason)), ON), bearer) == 1000


PAID, REFUSED = line(10000, cas("CO", "45"), cas("PR", "1")), line(0, cas("CO", "50"))


@pytest.mark.parametrize(
    ("payment", "outcome"),
    [
        (claim(PAID), Outcome.PAID),
        (claim(line(0, cas("PR", "1"), cas("CO", "45"))), Outcome.PAID),
        (claim(PAID, REFUSED), Outcome.PARTIALLY_PAID),
        (claim(REFUSED, REFUSED), Outcome.DENIED),
        (claim(line(0, cas("PR", "96"))), Outcome.DENIED),
        (claim(line(0, cas("CO", "999"))), Outcome.DENIED),
        (claim(line(4000, cas("CO", "151"))), Outcome.PARTIALLY_PAID),
        (claim(line(1000), adjustments=(cas("CO", "29"),)), Outcome.DENIED),
        (claim(line(0, cas("CO", "45")), status="4"), Outcome.DENIED),
        (claim(PAID, status="4"), Outcome.PAID),
    ],
    ids=[
        "paid less contract and deductible",
        "nothing paid, all the patient's or the contract's",
        "one line of two refused",
        "every line refused",
        "refused and put on the patient",
        "a reason that nobody lists",
        "a line cut for frequency",
        "refused as a whole",
        "denied by status",
        "paid in spite of its status",
    ],
)
def test_tells_paid_from_denied(payment: ClaimPayment, outcome: Outcome) -> None:
    assert adjudicate(payment, ON).outcome is outcome


def test_names_each_refusal_once() -> None:
    found = adjudicate(claim(REFUSED, REFUSED, line(0, cas("PR", "96"))), ON)

    assert found.reasons == ("CO-50", "PR-96")


def test_reads_a_reason_as_of_the_day_of_the_check() -> None:
    ended = claim(line(0, cas("CO", "138")))  # ended on 2018-05-01, when it was divided

    assert adjudicate(ended, date(2017, 1, 2)).outcome is Outcome.DENIED
    assert adjudicate(ended, ON).denied_cents == 1000


def test_refuses_a_batch_that_does_not_balance() -> None:
    unbalanced = Adjudication(outcome=Outcome.PAID, charged_cents=15000, paid_cents=10000)

    with pytest.raises(UnbalancedBatch):
        ledger.payment(unbalanced, Account.REMITTANCE_CLEARING)


def test_charges_whoever_owes() -> None:
    assert ledger.charge(900) == (
        Entry(account=Account.AR_PAYER, debit_cents=900),
        Entry(account=Account.CHARGES, credit_cents=900),
    )
    assert ledger.charge(-100, debtor=Account.AR_PATIENT) == (
        Entry(account=Account.AR_PATIENT, credit_cents=100),
        Entry(account=Account.CHARGES, debit_cents=100),
    )
