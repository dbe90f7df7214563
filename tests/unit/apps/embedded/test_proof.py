"""Whether the accounts of the money agree: what we sent has to, what others sent to the same payers is theirs."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.embedded.proof import Proof, prove
from apps.embedded.tally import Claim, Tally
from apps.simulator import desk
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from shared.clients.payments import Money, Trial
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

OURS = interchange(transaction_set(member("PAID1", "C1")))
OTHERS = interchange(transaction_set(member("DENY1", "X1"), member("DEDU1", "X2", charges=("300",))), number=2)
ACCOUNT = {
    "charge_cents": 100_00,
    "paid_cents": 80_00,
    "contractual_cents": 20_00,
    "denied_cents": 0,
    "patient_cents": 0,
}


@pytest.fixture
def proved(tmp_path: Path) -> Callable[[int], Proof]:
    """Return a proof over one claim of ours, of which the facts know that so much was paid, and two of others."""
    office = Office(Directory(seed=7))
    for key, content in (("1", OURS), ("2", OTHERS)):
        desk.receive(office, key, content, datetime(2026, 11, 2, 12, tzinfo=UTC))
    for side in ("outbound", "inbound"):
        (tmp_path / side).mkdir()
    (tmp_path / "outbound" / "837p-1.edi").write_bytes(OURS)
    for mail in office.mailbox:
        if mail.name.endswith(".835"):
            (tmp_path / "inbound" / f"835-{mail.id}.edi").write_bytes(mail.content)

    def prove_it(paid: int) -> Proof:
        claim = Claim("E1", charge_cents=100_00, paid_cents=paid, contractual_cents=20_00)
        tally = Tally(claims={"1": claim}, submissions={"C1": 100_00})
        money = Money(charged=100_00, paid=paid, contractual=20_00, denied=0, patient=0, open=80_00 - paid, unposted=0)
        trial = Trial(balance_cents={}, total_cents=0, money_cents=money)
        return prove(tally, trial, [ACCOUNT | {"paid_cents": paid}], asdict(office.book.pages()), tmp_path)

    return prove_it


def test_what_others_send_to_the_same_payers_is_theirs(proved: Callable[[int], Proof]) -> None:
    assert proved(80_00).differences == ()


def test_a_cent_of_ours_that_is_missing_is_named(proved: Callable[[int], Proof]) -> None:
    assert proved(79_99).differences == (
        "paid in the payers' own book, and in the facts: 8000 is not 7999 cents",
        "paid in the 835 files, and in the facts: 8000 is not 7999 cents",
    )
