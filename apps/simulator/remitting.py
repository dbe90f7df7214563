"""Checks to 835 bytes (005010X221A1): one interchange for a payer, one ST for each of its checks.

Owns: which part of a decision stands where in a remittance. The balances hold by construction: a check is the sum of
its claims less its entries, a claim of its lines. Refuses: segments, which are those of `shared/x12`.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Final

from apps.simulator.adjudication import Decided, DecidedLine
from apps.simulator.scenario import Omitted
from apps.simulator.treasury import Check, Payment
from shared.x12.adjustment import Adjustment
from shared.x12.party import Address
from shared.x12.sets import t835_x221a1 as t835
from shared.x12.sets.t837p_x222a1 import BillingProvider, Payer, PersonName, ProfessionalClaim
from shared.x12.writer import Envelope

_FILING_INDICATORS: Final = frozenset(
    ("12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ")
)
_NO_COUNTERPART: Final = "ZZ"  # CI, BL and others of an 837 have no place in an 835
_TECHNICAL: Final = t835.Contact(function="BL", name="CLAIMLOG SIMULATOR", numbers=(("TE", "8005550100"),))
_ADDRESS: Final = Address(line="1 SIMULATED WAY", city="TAMPA", state="FL", postal_code="336020001")
_REVERSAL: Final = "22"
_UNNAMED: Final = "0"  # what a payer sends as CLP01 that has lost our number
_NEXT_PAYER: Final = t835.RemittanceParty(
    role="TT", kind="2", last_name="NEXT SIMULATED PAYER", number_qualifier="PI", number="SIMNEXT"
)


def originator(payer: Payer) -> str:
    """Return who issued the check (TRN03): `1` and a tax number that no one has, always the same for a payer."""
    number = int.from_bytes(blake2b(payer.payer_id.encode(), digest_size=8).digest())
    return f"199{number % 10_000_000:07d}"


def handling(check: Check) -> tuple[str, str]:
    """Return how a check goes out (BPR01, BPR04): on paper, or as a notice where there is nothing to pay."""
    return ("I", "CHK") if check.paid_cents else ("H", "NON")


def write_checks(checks: Sequence[Check], *, envelope: Envelope, on: date) -> bytes:
    """Return one interchange with each check as a transaction set."""
    return t835.write_835([_remittance(check, on) for check in checks], envelope=envelope, first_control_number=1)


def _remittance(check: Check, on: date) -> t835.Remittance:
    handling_code, method = handling(check)
    return t835.Remittance(
        handling_code=handling_code,
        payment_cents=check.paid_cents,
        method=method,
        payment_on=on,
        trace_number=check.trace_number,
        trace_originator=originator(check.payer),
        produced_on=on,
        payer=t835.Payer(
            name=check.payer.name or "SIMULATED PAYER",
            payer_id=check.payer.payer_id,
            address=_ADDRESS,
            contacts=(_TECHNICAL,),
        ),
        payee=_payee(check.payee),
        claims=tuple([_claim(payment, check.payee) for payment in check.payments]),
        provider_adjustments=tuple(
            t835.ProviderAdjustment(
                provider_id=check.payee.npi,
                fiscal_period_end=date(on.year, 12, 31),
                reason=entry.reason,
                amount_cents=entry.amount_cents,
                reference=entry.reference,
            )
            for entry in check.entries
        ),
    )


def _payee(payee: BillingProvider) -> t835.Payee:
    return t835.Payee(name=payee.name, npi=payee.npi, tax_id=payee.tax_id)


def _claim(payment: Payment, payee: BillingProvider) -> t835.RemittanceClaim:
    decided, claim = payment.decided, payment.decided.claim
    sign = -1 if payment.is_reversal else 1
    interest = (t835.SupplementalAmount(qualifier="I", amount_cents=payment.interest_cents),)
    filing = claim.subscriber.claim_filing
    return t835.RemittanceClaim(
        patient_control_number=_UNNAMED
        if payment.scenario.omits is Omitted.CLAIM_NUMBER
        else claim.patient_control_number,
        status=_REVERSAL if payment.is_reversal else decided.status,
        charge_cents=sign * claim.charge_cents,
        paid_cents=sign * decided.paid_cents,
        patient_responsibility_cents=0 if payment.is_reversal else decided.patient_cents,
        claim_filing=filing if filing in _FILING_INDICATORS else _NO_COUNTERPART,
        payer_control_number=payment.payer_claim_number,
        facility_code=claim.place_of_service,
        frequency=claim.frequency,
        parties=tuple(_parties(decided, claim, payee, payment)),
        received_on=payment.received_on,
        amounts=interest if payment.interest_cents else (),
        lines=tuple([_line(line, payment) for line in decided.lines]),
    )


def _parties(
    decided: Decided, claim: ProfessionalClaim, payee: BillingProvider, payment: Payment
) -> list[t835.RemittanceParty]:
    member, patient = claim.subscriber, claim.patient
    parties = [_person("QC", patient.name if patient else member.name, member.member_id)]
    if patient is not None:
        parties.append(_person("IL", member.name, member.member_id))
    rendering = claim.rendering_provider
    if rendering is not None and rendering.npi not in {"", payee.npi}:
        kind = "1" if rendering.first_name else "2"
        parties.append(
            t835.RemittanceParty(
                role="82",
                kind=kind,
                last_name=rendering.last_name,
                first_name=rendering.first_name,
                number_qualifier="XX",
                number=rendering.npi,
            )
        )
    if payment.scenario.is_crossed_over and not payment.is_reversal and not decided.is_denied:
        parties.append(_NEXT_PAYER)
    return parties


def _person(role: str, name: PersonName, member_id: str) -> t835.RemittanceParty:
    return t835.RemittanceParty(
        role=role, last_name=name.last_name, first_name=name.first_name, number_qualifier="MI", number=member_id
    )


def _line(decided: DecidedLine, payment: Payment) -> t835.RemittanceLine:
    line, sign = decided.line, -1 if payment.is_reversal else 1
    allowed = t835.SupplementalAmount(qualifier="B6", amount_cents=sign * decided.allowed_cents)
    return t835.RemittanceLine(
        procedure=line.procedure,
        procedure_qualifier=line.procedure_qualifier,
        modifiers=line.modifiers,
        charge_cents=sign * line.charge_cents,
        paid_cents=sign * decided.paid_cents,
        units=line.units,
        service_from=line.service_from,
        service_to=line.service_to,
        line_control_number="" if payment.scenario.omits is Omitted.LINE_NUMBERS else line.line_control_number,
        adjustments=_signed(decided.adjustments, sign),
        amounts=(allowed,) if decided.allowed_cents else (),
        remark_codes=(decided.remark,) if decided.remark else (),
    )


def _signed(adjustments: tuple[Adjustment, ...], sign: int) -> tuple[Adjustment, ...]:
    """Return the adjustments of a line, those of a reversal as they were and negative."""
    if sign > 0:
        return adjustments
    return tuple(
        Adjustment(group=each.group, reason=each.reason, amount_cents=-each.amount_cents) for each in adjustments
    )
