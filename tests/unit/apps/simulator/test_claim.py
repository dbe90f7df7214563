"""The simulator's own reader of the 837P; the files are synthetic and not from our writer."""

from datetime import date

import pytest

from apps.simulator.claim import NotAClaimFile, read_claims
from shared.x12.interchange import TransactionSet, transaction_sets
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set


def _one_set(*members: tuple[str, ...]) -> TransactionSet:
    return next(transaction_sets(interchange(transaction_set(*members))))


def _without(start: str, *members: tuple[str, ...]) -> TransactionSet:
    segments = [segment for segment in transaction_set(*members) if not segment.startswith(start)]
    segments[-1] = f"SE*{len(segments)}*0001"
    return next(transaction_sets(interchange(tuple(segments))))


def test_reads_what_a_payer_needs() -> None:
    file = read_claims(_one_set(member("PAID1", "A1", charges=("100", "33.33"))))
    claim = file.claims[0]
    line = claim.lines[1]

    assert (file.reference, file.submitter.number) == ("B0001", "PRACTICE")
    assert (claim.number, claim.charge_cents, claim.frequency, claim.place_of_service) == ("A1", 13_333, "1", "11")
    assert (claim.payee.npi, claim.payee.tax_id, claim.payer.number) == ("1234567893", "587654321", "EXHP1")
    assert claim.rendering is not None
    assert claim.rendering.number == "1987654328"
    assert (line.procedure, line.charge_cents, line.units) == (("HC", "99213", "25"), 3_333, "1")
    assert (line.from_on, line.control_number, line.pointers) == (date(2026, 10, 1), "L2", ("1",))


def test_keeps_patient_and_subscriber_apart() -> None:
    first, second = read_claims(_one_set(member("PAID1", "A1", child=True), member("PAID2", "A2"))).claims

    assert first.patient is not None
    assert (first.patient.given, first.subscriber.number) == ("BEN", "PAID1")
    assert second.patient is None


@pytest.mark.parametrize(
    "missing", ["BHT", "NM1*85", "NM1*PR", "NM1*IL", "CLM", "LX", "SV1", "DTP*472"], ids=lambda start: f"no {start}"
)
def test_names_the_segment_that_is_missing(missing: str) -> None:
    with pytest.raises(NotAClaimFile) as refused:
        read_claims(_without(missing, member("PAID1")))

    assert refused.value.segment_id == missing[:3].rstrip("*")
    assert refused.value.code == "3"


@pytest.mark.parametrize(
    ("good", "bad", "segment_id"),
    [
        ("CLM*C1*100*", "CLM*C1*1O0*", "CLM"),
        ("CLM*C1*100*", "CLM*C1*99*", "CLM"),
        ("DTP*472*D8*20261001", "DTP*472*D8*20261301", "DTP"),
        ("SV1*HC:99213:25*100*", "SV1*HC*100*", "SV1"),
    ],
    ids=["amount of letters", "charge that is not the sum", "month thirteen", "procedure without a code"],
)
def test_names_the_segment_that_is_wrong(good: str, bad: str, segment_id: str) -> None:
    content = interchange(transaction_set(member("PAID1"))).decode()
    assert good in content

    with pytest.raises(NotAClaimFile) as refused:
        read_claims(next(transaction_sets(content.replace(good, bad).encode())))

    assert (refused.value.segment_id, refused.value.code) == (segment_id, "8")
