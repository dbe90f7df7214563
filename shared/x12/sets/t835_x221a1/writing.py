"""Remittances to 835 bytes, for the simulator and for fixtures: one interchange, one group, one ST per payment.

Refuses to write what does not balance, as a payer must; the reader's tests mutate bytes instead. Patients stand
outside the values: whoever writes brings their names. **Source**: 005010X221A1.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, TypeVar

from shared.x12.adjustment import write_adjustments
from shared.x12.elements import written_quantity
from shared.x12.party import Member
from shared.x12.sets.t835_x221a1.balance import balance
from shared.x12.sets.t835_x221a1.remittance import (
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
)
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetWriter,
    amount,
    enclose,
    identifier,
    required,
    sanitize,
    set_control_number,
    written_day,
)

GUIDE: Final = "005010X221A1"
Item = TypeVar("Item")
_PER_SEGMENT: Final = 6  # adjustments in a PLB
_REMARKS_MAX: Final = 5  # in a MOA
_MODIFIERS_MAX: Final = 4


def write_835(
    remittances: Sequence[Remittance],
    *,
    envelope: Envelope,
    first_control_number: int,
    patients: Mapping[str, Member] | None = None,
) -> bytes:
    """Return one interchange; each payment is an ST, numbered on from `first_control_number`.

    **Shape**: `patients` by patient control number. **Errors**: `CannotBeWritten`, also for what does not balance.
    """
    if not remittances:
        raise CannotBeWritten("a file has at least one remittance")
    sets = []
    for number, remittance in enumerate(remittances, start=first_control_number):
        if balance(remittance):
            raise CannotBeWritten("a remittance balances at line, claim and transaction")
        out = SetWriter(envelope.separators)
        _remittance(out, remittance, patients or {})
        sets.append((("835", set_control_number(number)), out))
    return enclose(sets, envelope=envelope, functional_id="HP", guide=GUIDE)


def _remittance(out: SetWriter, remittance: Remittance, patients: Mapping[str, Member]) -> None:
    _payment(out, remittance)
    out.add("TRN", "1", identifier(remittance.trace_number, length_max=50), remittance.trace_originator)
    if remittance.produced_on:
        out.add("DTM", "405", written_day(remittance.produced_on))
    _payer(out, remittance.payer)
    _payee(out, remittance.payee)
    if remittance.claims:
        out.add("LX", "1")
    for claim in remittance.claims:
        _claim(out, claim, patients.get(claim.patient_control_number))
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
        sender = (transfer.payment_format, "01", transfer.payer_routing_number, "DA", transfer.payer_account)
        receiver = ("01", transfer.payee_routing_number, transfer.payee_account_kind, transfer.payee_account)
    out.add(*start, *sender, remittance.originator_id, "", *receiver, written_day(remittance.payment_on))


def _payer(out: SetWriter, payer: Payer) -> None:
    out.add("N1", "PR", required(payer.name))
    address = payer.address
    if address:
        out.add("N3", required(address.line, length_max=55), sanitize(address.line_2, length_max=55))
        out.add("N4", required(address.city, length_max=30), address.state, address.postal_code)
    out.add("REF", "2U", identifier(payer.payer_id, length_max=50))
    phone = ("TE", identifier(payer.phone, length_max=256)) if payer.phone else ()
    out.add("PER", "BL", sanitize(payer.contact_name), *phone)


def _payee(out: SetWriter, payee: Payee) -> None:
    if payee.npi:
        out.add("N1", "PE", required(payee.name), "XX", identifier(payee.npi, length_max=80))
        if payee.tax_id:
            out.add("REF", "TJ", identifier(payee.tax_id, length_max=50))
    else:
        out.add("N1", "PE", required(payee.name), "FI", identifier(payee.tax_id, length_max=80))


def _claim(out: SetWriter, claim: RemittanceClaim, patient: Member | None) -> None:
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
    )
    write_adjustments(out, claim.adjustments)
    _patient(out, patient)
    if claim.rendering_npi:
        out.add("NM1", "82", "1", "", "", "", "", "", "XX", identifier(claim.rendering_npi, length_max=80))
    if len(claim.remark_codes) > _REMARKS_MAX:
        raise CannotBeWritten("a claim has at most five remark codes")
    if claim.remark_codes:
        out.add("MOA", "", "", *claim.remark_codes)
    if claim.service_from:
        out.add("DTM", "232", written_day(claim.service_from))
        if claim.service_to != claim.service_from:
            out.add("DTM", "233", written_day(claim.service_to))
    if claim.received_on:
        out.add("DTM", "050", written_day(claim.received_on))
    for information in claim.amounts:
        out.add("AMT", information.qualifier, amount(information.amount_cents))
    for line in claim.lines:
        _line(out, line)


def _patient(out: SetWriter, patient: Member | None) -> None:
    if patient is None:
        out.add("NM1", "QC", "1")
        return
    name = patient.name
    member_id = ("MI", identifier(patient.member_id, length_max=80)) if patient.member_id else ()
    first, middle = sanitize(name.first_name, length_max=35), sanitize(name.middle_name, length_max=25)
    out.add(
        "NM1", "QC", "1", required(name.last_name), first, middle, "", sanitize(name.suffix, length_max=10), *member_id
    )


def _line(out: SetWriter, line: RemittanceLine) -> None:
    qualifier = line.procedure_qualifier
    submitted = (qualifier, line.submitted_procedure, *line.submitted_modifiers) if line.submitted_procedure else ""
    if max(len(line.modifiers), len(line.submitted_modifiers)) > _MODIFIERS_MAX:
        raise CannotBeWritten("a line has at most four modifiers")
    out.add(
        "SVC",
        (qualifier, line.procedure, *line.modifiers),
        amount(line.charge_cents),
        amount(line.paid_cents),
        line.revenue_code,
        written_quantity(line.units) if line.units is not None else "",
        submitted,
        written_quantity(line.submitted_units) if line.submitted_units is not None else "",
    )
    if line.service_from == line.service_to:
        if line.service_from:
            out.add("DTM", "472", written_day(line.service_from))
    else:
        out.add("DTM", "150", written_day(line.service_from))
        out.add("DTM", "151", written_day(line.service_to))
    write_adjustments(out, line.adjustments)
    if line.line_control_number:
        out.add("REF", "6R", identifier(line.line_control_number, length_max=50))
    for information in line.amounts:
        out.add("AMT", information.qualifier, amount(information.amount_cents))
    for remark in line.remark_codes:
        out.add("LQ", "HE", remark)


def _provider_adjustment(adjustment: ProviderAdjustment) -> tuple[tuple[str, str], str]:
    reference = identifier(adjustment.reference, length_max=50, required=False)
    return (adjustment.reason, reference), amount(adjustment.amount_cents)


def _chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for start in range(0, len(items), _PER_SEGMENT):
        yield items[start : start + _PER_SEGMENT]
