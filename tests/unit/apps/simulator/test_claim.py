"""The simulator's own reader of the 837P; the files are synthetic, and not from our writer but in the last test."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from apps.simulator.claim import NotAClaimFile, read_claims
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, write_837p
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set
from tests.unit.shared.x12.claim_strategies import professional_claims
from tests.unit.shared.x12.examples import ENVELOPE, batch


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


OTHER_PAYER: tuple[str, ...] = (
    "SBR*P*18*******MB",
    "AMT*D*70",
    "OI***Y***Y",
    "NM1*IL*1*ELDER*BEA****MI*OTHER1",
    "N3*2 OAK ST",
    "N4*TAMPA*FL*336020001",
    "NM1*PR*2*FIRST PLAN*****PI*FIRST1",
    "DTP*573*D8*20261015",
    "NM1*82*1",
    "REF*G2*R77",
    "NM1*85*2",
    "REF*G2*B77",
)
"""What a secondary claim says of the payer that decided before (2320, 2330)."""
DECIDED: tuple[str, ...] = ("SVD*FIRST1*70*HC:99213:25**1", "CAS*CO*45*30", "DTP*573*D8*20261015")


def _secondary(claim: str) -> tuple[str, ...]:
    """Return the segments of a claim, from CLM on, that another payer decided before, at the claim and at its line."""
    own = member("PAID1", claim)
    begin, line = (next(at for at, each in enumerate(own) if each.startswith(start)) for start in ("CLM", "LX"))
    return (*own[begin:line], *OTHER_PAYER, *own[line:], *DECIDED)


def test_keeps_what_another_payer_decided_apart() -> None:
    above = tuple(each for each in member("PAID1") if each.startswith(("SBR", "NM1*IL", "NM1*PR")))

    claims = read_claims(_one_set((*above, *_secondary("A1"), *_secondary("A2")))).claims

    assert [claim.number for claim in claims] == ["A1", "A2"]
    for claim in claims:
        assert (claim.filing_indicator, claim.subscriber.number, claim.payer.number) == ("CI", "PAID1", "EXHP1")
        assert claim.payee.npi == "1234567893"
        assert claim.rendering is not None
        assert claim.rendering.number == "1987654328"
        assert [line.charge_cents for line in claim.lines] == [100_00]


def test_does_not_take_a_plan_for_the_payee() -> None:
    segments = list(transaction_set(member("PAID1")))
    at = segments.index("REF*EI*587654321") + 1
    segments[at:at] = ["NM1*PE*2*PAYING PLAN*****PI*PP1", "N3*9 PLAN ST", "N4*TAMPA*FL*336020001", "REF*EI*111223333"]
    segments[-1] = f"SE*{len(segments)}*0001"

    (claim,) = read_claims(next(transaction_sets(interchange(tuple(segments))))).claims

    assert (claim.payee.name, claim.payee.tax_id) == ("EXAMPLE CLINIC", "587654321")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(professional_claims())
def test_reads_the_claim_that_was_written_whatever_else_stands_beside_it(claim: ProfessionalClaim) -> None:
    content = write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1)

    (read,) = read_claims(next(transaction_sets(content))).claims

    assert (read.number, read.charge_cents) == (claim.patient_control_number, claim.charge_cents)
    assert (read.payee.npi, read.payee.tax_id) == (claim.billing_provider.npi, claim.billing_provider.tax_id)
    assert (read.payer.number, read.subscriber.number) == (claim.payer.payer_id, claim.subscriber.member_id)
    assert read.filing_indicator == claim.subscriber.claim_filing
    assert (read.rendering.number if read.rendering else "") == (
        claim.rendering_provider.npi if claim.rendering_provider else ""
    )
    assert [(line.charge_cents, line.control_number) for line in read.lines] == [
        (line.charge_cents, line.line_control_number) for line in claim.lines
    ]
