"""Adjudicated claims to 835 bytes (005010X221A1): one interchange for a payer, one ST for each of its checks.

Owns: the segments, and the three balances by construction: a check is the sum of its claims, a claim of its lines.
**Source**: x12.md sections 4 and 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Final

from apps.simulator.adjudication import Adjudicated, PaidLine
from apps.simulator.claim import Claim, Named, Payee
from shared.x12.writer import Envelope, SetWriter, amount, enclose, sanitize, set_control_number, written_day

_GUIDE: Final = "005010X221A1"
_FILING_INDICATORS: Final = frozenset(
    ("12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ")
)
_NO_COUNTERPART: Final = "ZZ"  # CI, BL and others of an 837 have no place in an 835


@dataclass(frozen=True, slots=True)
class Check:
    """One payment of one payer to one payee. **Shape**: each claim with the payer's number of it. **Units**: cents."""

    trace_number: str
    payer: Named
    payee: Payee
    claims: tuple[tuple[str, Adjudicated], ...]

    @property
    def paid_cents(self) -> int:
        """Return the amount of the check."""
        return sum(each.paid_cents for _, each in self.claims)


def originator(payer: Named) -> str:
    """Return who issued the check (TRN03): `1` and a tax number that no one has, always the same for a payer."""
    number = int.from_bytes(blake2b(payer.number.encode(), digest_size=8).digest(), "big")
    return f"199{number % 10_000_000:07d}"


def write_835(envelope: Envelope, checks: Sequence[Check], *, on: date) -> bytes:
    """Return one interchange with each check as a transaction set."""
    sets = []
    for number, check in enumerate(checks, start=1):
        out = SetWriter(envelope.separators)
        _payment(out, check, on)
        _parties(out, check)
        out.add("LX", "1")
        for payer_claim_number, adjudicated in check.claims:
            _claim(out, payer_claim_number, adjudicated, on)
        sets.append((("835", set_control_number(number)), out))
    return enclose(sets, envelope=envelope, functional_id="HP", guide=_GUIDE)


def _payment(out: SetWriter, check: Check, on: date) -> None:
    handling, method = ("I", "CHK") if check.paid_cents else ("H", "NON")
    out.add("BPR", handling, amount(check.paid_cents), "C", method, *[""] * 11, written_day(on))
    out.add("TRN", "1", check.trace_number, originator(check.payer))
    out.add("DTM", "405", written_day(on))


def _parties(out: SetWriter, check: Check) -> None:
    out.add("N1", "PR", sanitize(check.payer.family) or "SIMULATED PAYER")
    out.add("N3", "1 SIMULATED WAY")
    out.add("N4", "TAMPA", "FL", "336020001")
    out.add("REF", "2U", check.payer.number)
    out.add("PER", "BL", "CLAIMLOG SIMULATOR", "TE", "8005550100")
    out.add("N1", "PE", sanitize(check.payee.name), "XX", check.payee.npi)
    if check.payee.tax_id:
        out.add("REF", "TJ", check.payee.tax_id)


def _claim(out: SetWriter, payer_claim_number: str, adjudicated: Adjudicated, on: date) -> None:
    claim = adjudicated.claim
    indicator = claim.filing_indicator if claim.filing_indicator in _FILING_INDICATORS else _NO_COUNTERPART
    out.add(
        "CLP",
        claim.number,
        "4" if adjudicated.denied else "1",
        amount(claim.charge_cents),
        amount(adjudicated.paid_cents),
        amount(adjudicated.patient_cents) if adjudicated.patient_cents else "",
        indicator,
        payer_claim_number,
        claim.place_of_service,
        claim.frequency,
    )
    _people(out, claim)
    out.add("DTM", "050", written_day(on))
    for line in adjudicated.lines:
        _line(out, line)


def _people(out: SetWriter, claim: Claim) -> None:
    patient, member = claim.patient, claim.subscriber
    _person(out, "QC", patient or member, ("MI", member.number))
    if patient is not None:
        _person(out, "IL", member, ("MI", member.number))
    if claim.rendering is not None and claim.rendering.number not in {"", claim.payee.npi}:
        _person(out, "82", claim.rendering, ("XX", claim.rendering.number))


def _person(out: SetWriter, role: str, person: Named, number: tuple[str, str]) -> None:
    kind = "1" if person.given or role != "82" else "2"
    out.add("NM1", role, kind, sanitize(person.family), sanitize(person.given, length_max=35), "", "", "", *number)


def _line(out: SetWriter, line: PaidLine) -> None:
    billed = line.billed
    out.add("SVC", billed.procedure, amount(billed.charge_cents), amount(line.paid_cents), "", billed.units)
    if billed.from_on == billed.to_on:
        out.add("DTM", "472", written_day(billed.from_on))
    else:
        out.add("DTM", "150", written_day(billed.from_on))
        out.add("DTM", "151", written_day(billed.to_on))
    for group in ("CO", "PR"):
        parts = [
            text
            for each in line.adjustments
            if each.group == group
            for text in (each.reason, amount(each.amount_cents), "")
        ]
        if parts:
            out.add("CAS", group, *parts)
    if billed.control_number:
        out.add("REF", "6R", billed.control_number)
    if line.allowed_cents:
        out.add("AMT", "B6", amount(line.allowed_cents))
