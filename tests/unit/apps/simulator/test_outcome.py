"""Who meets what: the prefixes of the documented table, and the seeded mix."""

from collections import Counter
from datetime import date

import pytest

from apps.simulator.claim import Billed, Claim, Named, Payee
from apps.simulator.outcome import Course, Outcome, outcome


def _claim(member_id: str, *, number: str = "C1", charge_cents: int = 10_000) -> Claim:
    return Claim(
        number=number,
        charge_cents=charge_cents,
        place_of_service="11",
        frequency="1",
        payee=Payee("CLINIC", "1234567893", "587654321"),
        payer=Named("PLAN", number="EXHP1"),
        subscriber=Named("SAMPLE", "ADA", member_id),
        patient=None,
        filing_indicator="CI",
        position=1,
        lines=[Billed("1", ("HC", "99213"), charge_cents, "1", date(2026, 10, 1), date(2026, 10, 1))],
    )


@pytest.mark.parametrize(
    ("member_id", "expected"),
    [
        ("PAID0001", Outcome(Course.PAID)),
        ("paid0001", Outcome(Course.PAID)),
        ("DEDU0001", Outcome(Course.SHARED)),
        ("DENY", Outcome(Course.DENIED, "50")),
        ("DENY27", Outcome(Course.DENIED, "27")),
        ("DENY197A0001", Outcome(Course.DENIED, "197")),
        ("DENY0A", Outcome(Course.DENIED, "50")),
        ("DENY00010001", Outcome(Course.DENIED, "50")),
        ("REJP0001", Outcome(Course.REJECTED_BY_PAYER)),
        ("REJC0001", Outcome(Course.REJECTED_BY_CLEARINGHOUSE)),
        ("R9990001", Outcome(Course.SET_REJECTED)),
    ],
)
def test_follows_the_prefix(member_id: str, expected: Outcome) -> None:
    assert outcome(_claim(member_id), seed=7) == expected


def test_draws_the_same_for_the_same_visit_however_the_claim_is_numbered() -> None:
    claims = [_claim(f"M{number}") for number in range(50)]
    renumbered = [_claim(f"M{number}", number=f"Z{number}") for number in range(50)]

    assert [outcome(each, seed=7) for each in claims] == [outcome(each, seed=7) for each in renumbered]
    assert [outcome(each, seed=7) for each in claims] != [outcome(each, seed=8) for each in claims]


def test_mixes_about_as_documented() -> None:
    drawn = Counter(outcome(_claim(f"M{number}"), seed=7).course for number in range(2_000))

    assert 1_260 < drawn[Course.PAID] < 1_460
    assert 280 < drawn[Course.SHARED] < 440
    assert 140 < drawn[Course.DENIED] < 260
    assert drawn[Course.REJECTED_BY_PAYER]
    assert drawn[Course.REJECTED_BY_CLEARINGHOUSE]
    assert not drawn[Course.SET_REJECTED]
