"""Remittances to 835 bytes, for the simulator and for fixtures: one interchange, one group, one ST per payment.

Writes everything that the reader gives. Refuses to write what does not balance, as a payer must; the reader's tests
mutate bytes instead. References and parties are written in the order given, which is the guide's where they come from a
file that keeps to it. **Source**: 005010X221A1.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, TypeVar

from shared.x12.adjustment import write_adjustments
from shared.x12.elements import written_quantity
from shared.x12.figures import written_summary
from shared.x12.segments import Reference, write_address, write_contacts, write_references
from shared.x12.sets.t835_x221a1.balance import balance
from shared.x12.sets.t835_x221a1.remittance import (
    ClaimGroup,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    RemittanceParty,
    SupplementalAmount,
    SupplementalQuantity,
)
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetKind,
    SetWriter,
    amount,
    enclose_each,
    identifier,
    required,
    sanitize,
    written_day,
)

GUIDE: Final = "005010X221A1"
_KIND: Final = SetKind(set_id="835", functional_id="HP", guide=GUIDE, has_guide=False)
Item = TypeVar("Item")
_PER_SEGMENT: Final = 6  # adjustments in a CAS, and in a PLB
_REMARKS_MAX: Final = 5  # in a MIA, and in a MOA
_MODIFIERS_MAX: Final = 4
_OF_THE_SERVICE: Final = frozenset({"1S", "APC", "BB", "E9", "G1", "G3", "LU", "RB"})
"""References of a line that stand before its own number; the others stand behind."""


def write_835(remittances: Sequence[Remittance], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange; each payment is an ST, numbered on from `first_control_number`.

    **Errors**: `CannotBeWritten`, also for what does not balance.
    """
    return enclose_each(remittances, _remittance, _KIND, envelope=envelope, first_control_number=first_control_number)


def _remittance(out: SetWriter, remittance: Remittance) -> None:
    if balance(remittance):
        raise CannotBeWritten("a remittance balances at line, claim and transaction")
    _payment(out, remittance)
    trace = identifier(remittance.trace_number, length_max=50)
    out.add(
        "TRN",
        "1",
        trace,
        remittance.trace_originator,
        identifier(remittance.trace_supplement, length_max=50, required=False),
    )
    if remittance.currency:
        out.add("CUR", "PR", identifier(remittance.currency, length_max=3))
    _references(out, remittance.references)
    if remittance.produced_on:
        out.add("DTM", "405", written_day(remittance.produced_on))
    _payer(out, remittance.payer)
    _payee(out, remittance.payee)
    groups = {group.number: group for group in remittance.groups}
    for number, of_group in groupby(remittance.claims, key=lambda claim: claim.group_number):
        out.add("LX", identifier(number, length_max=6))
        _group(out, groups.pop(number, None))
        for claim in of_group:
            _claim(out, claim)
    if groups:
        raise CannotBeWritten("a group that is summed up has claims")
    for (provider_id, period), of_provider in groupby(
        remittance.provider_adjustments, key=lambda adjustment: (adjustment.provider_id, adjustment.fiscal_period_end)
    ):
        for chunk in _chunks(tuple(of_provider)):
            elements = [element for adjustment in chunk for element in _provider_adjustment(adjustment)]
            out.add("PLB", identifier(provider_id, length_max=50), written_day(period), *elements)


def _payment(out: SetWriter, remittance: Remittance) -> None:
    payment = amount(remittance.payment_cents)
    start = ("BPR", remittance.handling_code, payment, remittance.credit_or_debit, remittance.method)
    transfer = remittance.transfer
    if transfer is None:
        sender, receiver = ("", "", "", "", ""), ("", "", "", "")
    else:
        bank = (transfer.payer_bank_kind, transfer.payer_routing_number)
        sender = (transfer.payment_format, *bank, "DA", transfer.payer_account)
        bank = (transfer.payee_bank_kind, transfer.payee_routing_number)
        receiver = (*bank, transfer.payee_account_kind, transfer.payee_account)
    supplement = identifier(remittance.originator_supplement, length_max=9, required=False)
    out.add(*start, *sender, remittance.originator_id, supplement, *receiver, written_day(remittance.payment_on))


def _payer(out: SetWriter, payer: Payer) -> None:
    plan = ("XV", identifier(payer.plan_id, length_max=80)) if payer.plan_id else ()
    out.add("N1", "PR", required(payer.name), *plan)
    write_address(out, payer.address)
    out.add("REF", "2U", identifier(payer.payer_id, length_max=50))
    _references(out, payer.references)
    if not any(contact.function == "BL" for contact in payer.contacts):
        raise CannotBeWritten("a payer has a technical contact (BL)")
    write_contacts(out, payer.contacts)


def _payee(out: SetWriter, payee: Payee) -> None:
    named = [("XX", payee.npi)] if payee.npi else []
    named += [("XV", payee.plan_id)] if payee.plan_id else []
    if len(named) > 1:
        raise CannotBeWritten("a payee is named by one number")
    qualifier, number = named[0] if named else ("FI", payee.tax_id)
    out.add("N1", "PE", required(payee.name), qualifier, identifier(number, length_max=80))
    write_address(out, payee.address)
    if named and payee.tax_id:
        out.add("REF", "TJ", identifier(payee.tax_id, length_max=50))
    _references(out, payee.references)
    if payee.delivery:
        number = identifier(payee.delivery.number, length_max=256, required=False)
        out.add("RDM", payee.delivery.method, sanitize(payee.delivery.name), number)


def _references(out: SetWriter, references: tuple[Reference, ...]) -> None:
    if any(reference.description for reference in references):
        raise CannotBeWritten("a reference has no description here")
    write_references(out, references)


def _group(out: SetWriter, group: ClaimGroup | None) -> None:
    if group is not None and group.provider is not None:
        out.add("TS3", *written_summary(group.provider))
    if group is not None and group.inpatient is not None:
        out.add("TS2", *written_summary(group.inpatient))


def _claim(out: SetWriter, claim: RemittanceClaim) -> None:
    out.add(
        "CLP",
        identifier(claim.patient_control_number, length_max=38),
        claim.status,
        amount(claim.charge_cents),
        amount(claim.paid_cents),
        amount(claim.patient_responsibility_cents) if claim.patient_responsibility_cents else "",
        claim.claim_filing,
        identifier(claim.payer_control_number, length_max=50, required=False),
        claim.facility_code,
        claim.frequency,
        "",
        identifier(claim.drg_code, length_max=4, required=False),
        written_quantity(claim.drg_weight) if claim.drg_weight is not None else "",
        written_quantity(claim.discharge_fraction) if claim.discharge_fraction is not None else "",
    )
    write_adjustments(out, claim.adjustments)
    _parties(out, claim.parties)
    for name, priced in (("MIA", claim.inpatient), ("MOA", claim.outpatient)):
        if priced is not None:
            if len(priced.remark_codes) > _REMARKS_MAX:
                raise CannotBeWritten("a claim has at most five remark codes in a segment")
            out.add(name, *written_summary(priced))
    _references(out, claim.references)
    _days(out, claim)
    write_contacts(out, claim.contacts)
    _information(out, claim.amounts, claim.quantities)
    for line in claim.lines:
        _line(out, line)


def _days(out: SetWriter, claim: RemittanceClaim) -> None:
    if claim.service_from:
        out.add("DTM", "232", written_day(claim.service_from))
    if claim.service_to and claim.service_to != claim.service_from:
        out.add("DTM", "233", written_day(claim.service_to))
    if claim.coverage_expired_on:
        out.add("DTM", "036", written_day(claim.coverage_expired_on))
    if claim.received_on:
        out.add("DTM", "050", written_day(claim.received_on))


def _parties(out: SetWriter, parties: tuple[RemittanceParty, ...]) -> None:
    """Write whom a claim names; the patient always has a segment, named or not."""
    if not any(party.role == "QC" for party in parties):
        out.add("NM1", "QC", "1")
    for party in parties:
        if not (party.last_name or party.first_name or party.number):
            raise CannotBeWritten("a party has a name or a number")
        number = (party.number_qualifier, identifier(party.number, length_max=80)) if party.number else ()
        last, first = sanitize(party.last_name), sanitize(party.first_name, length_max=35)
        middle, suffix = sanitize(party.middle_name, length_max=25), sanitize(party.suffix, length_max=10)
        out.add("NM1", party.role, party.kind, last, first, middle, "", suffix, *number)


def _information(
    out: SetWriter, amounts: tuple[SupplementalAmount, ...], quantities: tuple[SupplementalQuantity, ...]
) -> None:
    for information in amounts:
        out.add("AMT", information.qualifier, amount(information.amount_cents))
    for counted in quantities:
        out.add("QTY", counted.qualifier, written_quantity(counted.quantity))


def _line(out: SetWriter, line: RemittanceLine) -> None:
    if max(len(line.modifiers), len(line.submitted_modifiers)) > _MODIFIERS_MAX:
        raise CannotBeWritten("a line has at most four modifiers")
    out.add(
        "SVC",
        _procedure(line.procedure_qualifier, line.procedure, line.modifiers, ""),
        amount(line.charge_cents),
        amount(line.paid_cents),
        line.revenue_code,
        written_quantity(line.units) if line.units is not None else "",
        _procedure(
            line.submitted_qualifier, line.submitted_procedure, line.submitted_modifiers, line.submitted_description
        ),
        written_quantity(line.submitted_units) if line.submitted_units is not None else "",
    )
    if line.service_from == line.service_to:
        if line.service_from:
            out.add("DTM", "472", written_day(line.service_from))
    else:
        for qualifier, on in (("150", line.service_from), ("151", line.service_to)):
            if on:
                out.add("DTM", qualifier, written_day(on))
    write_adjustments(out, line.adjustments)
    _references(out, tuple(each for each in line.references if each.qualifier in _OF_THE_SERVICE))
    if line.line_control_number:
        out.add("REF", "6R", identifier(line.line_control_number, length_max=50))
    _references(out, tuple(each for each in line.references if each.qualifier not in _OF_THE_SERVICE))
    _information(out, line.amounts, line.quantities)
    for remark in line.remark_codes:
        out.add("LQ", "HE", remark)
    for qualifier, remark in line.other_remarks:
        out.add("LQ", qualifier, identifier(remark, length_max=30))


def _procedure(qualifier: str, code: str, modifiers: tuple[str, ...], description: str) -> tuple[str, ...] | str:
    if not code:
        return ""
    padded = (*modifiers, *[""] * _MODIFIERS_MAX)[:_MODIFIERS_MAX]
    return (qualifier, identifier(code, length_max=48), *padded, sanitize(description, length_max=80))


def _provider_adjustment(adjustment: ProviderAdjustment) -> tuple[tuple[str, str], str]:
    reference = identifier(adjustment.reference, length_max=50, required=False)
    return (adjustment.reason, reference), amount(adjustment.amount_cents)


def _chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for start in range(0, len(items), _PER_SEGMENT):
        yield items[start : start + _PER_SEGMENT]
