"""Synthetic remittances, and the facts of claims that they pay; every value is made up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from shared.events.claims import ClaimAssembled, ClaimPriced, ClaimSubmitted, EncounterReleasedToSelfPay, PricedLine
from shared.x12.sets.t835_x221a1 import (
    Adjustment,
    Contact,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    write_835,
)
from shared.x12.writer import Envelope

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
PAID_ON = date(2026, 3, 20)
HELP_DESK = Contact(function="BL", name="HELP DESK", numbers=(("TE", "8005550100"),))


def paid_claim(number: str = "PCN1", **changes: object) -> RemittanceClaim:
    """Return a claim over 150 dollars: 100 paid, 30 contractual, 20 left to the patient."""
    adjustments = (
        Adjustment(group="CO", reason="45", amount_cents=3000),
        Adjustment(group="PR", reason="1", amount_cents=2000),
    )
    line = RemittanceLine(
        procedure="99213",
        charge_cents=15000,
        paid_cents=10000,
        adjustments=adjustments,
        line_control_number="L1",
        service_from=date(2026, 3, 3),
        service_to=date(2026, 3, 3),
    )
    claim = RemittanceClaim(
        patient_control_number=number,
        status="1",
        charge_cents=15000,
        paid_cents=10000,
        patient_responsibility_cents=2000,
        claim_filing="12",
        payer_control_number=f"ICN{number}",
        lines=(line,),
    )
    return replace(claim, **changes)  # type: ignore[arg-type]  # fields by name, as the tests write them


def denied_claim(number: str = "PCN2") -> RemittanceClaim:
    """Return a claim over 80 dollars whose only line is refused as not medically necessary."""
    refusal = Adjustment(group="CO", reason="50", amount_cents=8000)
    line = RemittanceLine(
        procedure="99214", charge_cents=8000, paid_cents=0, adjustments=(refusal,), line_control_number="L1"
    )
    return RemittanceClaim(
        patient_control_number=number,
        status="1",
        charge_cents=8000,
        paid_cents=0,
        claim_filing="12",
        payer_control_number=f"ICN{number}",
        lines=(line,),
    )


def reversed_claim(claim: RemittanceClaim) -> RemittanceClaim:
    """Return the claim as a payer takes it back: every amount negated."""

    def negated(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
        return tuple(replace(each, amount_cents=-each.amount_cents) for each in adjustments)

    lines = tuple(
        replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            adjustments=negated(line.adjustments),
        )
        for line in claim.lines
    )
    return replace(
        claim,
        status="22",
        charge_cents=-claim.charge_cents,
        paid_cents=-claim.paid_cents,
        patient_responsibility_cents=0,
        adjustments=negated(claim.adjustments),
        lines=lines,
    )


def check(
    *claims: RemittanceClaim, trace: str = "EFT0001", plb: Sequence[ProviderAdjustment] = (), **changes: object
) -> Remittance:
    """Return a check that pays claims; it balances unless `changes` say otherwise."""
    remittance = Remittance(
        handling_code="I",
        payment_cents=sum(claim.paid_cents for claim in claims) - sum(each.amount_cents for each in plb),
        method="CHK",
        payment_on=PAID_ON,
        trace_number=trace,
        trace_originator="1512345678",
        payer=Payer(name="EXAMPLE HEALTH PLAN", payer_id="EXHP1", contacts=(HELP_DESK,)),
        payee=Payee(name="SAMPLE CLINIC", npi="1245319599", tax_id="512345678"),
        claims=claims,
        provider_adjustments=tuple(plb),
    )
    return replace(remittance, **changes)  # type: ignore[arg-type]  # fields by name, as the tests write them


def interest(cents: int = -125) -> ProviderAdjustment:
    """Return interest that the payer adds, outside the claims."""
    return ProviderAdjustment(
        provider_id="1245319599", fiscal_period_end=date(2026, 12, 31), reason="L6", amount_cents=cents
    )


def bytes_835(*checks: Remittance, interchange: int = 1, first_set: int = 1) -> bytes:
    """Return an 835 file. **Shape**: another interchange or first set is the same message, resent."""
    envelope = Envelope(
        sender_id="EXHP1",
        receiver_id="SAMPLECLINIC",
        interchange_control_number=interchange,
        group_control_number=interchange,
        written_at=datetime(2026, 3, 20, 12),  # noqa: DTZ001 (an ISA has no zone)
        usage="T",
    )
    return write_835(checks, envelope=envelope, first_control_number=first_set)


def assembled(claim_id: str = "C1") -> ClaimAssembled:
    """Return that a claim exists."""
    return ClaimAssembled(
        claim_id=claim_id,
        encounter_ids=(f"E-{claim_id}",),
        patient_id="P1",
        coverage_id="V1",
        payer_id="Y1",
        filing_order="secondary",
        form="P",
        diagnoses=("E119",),
        lines=(),
        place_of_service="11",
        rendering_provider_id=None,
        billing_provider_id="D1",
        coding_version=1,
        rule_set_version="2026.11",
        filing_deadline_on=None,
        assembled_at=NOW,
    )


def priced(claim_id: str = "C1", cents: int = 15000) -> ClaimPriced:
    """Return that a claim has its charge."""
    line = PricedLine(line_no=1, line_control_number="L1", charge_cents=cents)
    return ClaimPriced(
        claim_id=claim_id,
        patient_id="P1",
        payer_id="Y1",
        lines=(line,),
        charge_cents=cents,
        fee_schedule_versions=("practice 1",),
        priced_at=NOW,
    )


def submitted(claim_id: str = "C1", number: str = "PCN1", cents: int = 15000) -> ClaimSubmitted:
    """Return that a claim was sent under a control number."""
    return ClaimSubmitted(
        claim_id=claim_id,
        submission_id=f"S-{claim_id}",
        patient_id="P1",
        payer_id="Y1",
        encounter_ids=(f"E-{claim_id}",),
        frequency="1",
        patient_control_number=number,
        charge_cents=cents,
        interchange_control_number="000000001",
        group_control_number="1",
        transaction_control_number="0001",
        file_sha256="0" * 64,
        channel="http",
        submitted_at=NOW,
    )


def self_pay(encounter_id: str = "E9", cents: int = 9000) -> EncounterReleasedToSelfPay:
    """Return that a patient pays a visit alone."""
    line = PricedLine(line_no=1, line_control_number="L1", charge_cents=cents)
    return EncounterReleasedToSelfPay(
        encounter_id=encounter_id,
        patient_id="P9",
        lines=(line,),
        charge_cents=cents,
        reason="no-coverage",
        released_at=NOW,
    )
