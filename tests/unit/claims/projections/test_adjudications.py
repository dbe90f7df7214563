"""`services/claims/projections/adjudications.py`: the axes of money from what payers decided."""

from functools import reduce
from itertools import permutations

import pytest
from msgspec import structs

from services.claims.projections.adjudications import Adjudication, apply
from shared.events.payments import ClaimAccountEvent
from tests.unit.claims.examples import NOW, denied, paid

LATER = NOW.replace(hour=20)


def folded(*events: ClaimAccountEvent) -> Adjudication:
    row = reduce(apply, events, None)
    assert row
    return row


@pytest.mark.parametrize(
    ("event", "axes"),
    [
        (paid("K-1"), ("paid", "paid", "zero-balance")),
        (paid("K-1", patient_cents=20_00), ("paid", "partially-paid", "patient")),
        (paid("K-1", patient_cents=20_00, paid_cents=0), ("paid", "unpaid", "patient")),
        (paid("K-1", paid_cents=0), ("paid", "paid", "zero-balance")),
        (denied("K-1"), ("denied", "unpaid", "primary-payer")),
        (structs.replace(denied("K-1"), filing_order="secondary"), ("denied", "unpaid", "secondary-payer")),
    ],
)
def test_projects_three_axes(event: ClaimAccountEvent, axes: tuple[str, str, str]) -> None:
    row = folded(event)

    assert (row.adjudication(), row.money(), row.receivable()) == axes


def test_comes_to_the_same_whatever_order_decisions_come_in_and_however_often() -> None:
    reversal = structs.replace(denied("K-1"), denied_cents=-175_00, ledger_batch_id="R-2/2", posted_at=LATER)
    last = structs.replace(paid("K-1"), posted_at=LATER, remittance_id="R-3", ledger_batch_id="R-3/1")
    events: tuple[ClaimAccountEvent, ...] = (denied("K-1"), reversal, last)

    rows = {folded(*order, *order) for order in permutations(events)}

    assert len(rows) == 1
    row = rows.pop()
    assert (row.adjudication(), row.money(), row.receivable()) == ("paid", "paid", "zero-balance")
