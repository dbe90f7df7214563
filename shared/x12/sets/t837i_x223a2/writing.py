"""Institutional claims to 837I bytes: the claim and its lines; what stands above them is `../t837/tree.py`'s.

Owns: order and limits of loops 2300 to 2400. Refuses: what no reader could take apart again, or every clearinghouse
sends back. **Source**: 005010X223A2; x12.md, sections 5, 7 and 9.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from shared.x12.elements import written_quantity
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.contract import write_contract, write_fixed_figures
from shared.x12.sets.t837.refusals import refuse_benefits, refuse_lines, refuse_uncorrectable
from shared.x12.sets.t837.repricing import write_repricing
from shared.x12.sets.t837.tree import write_batches
from shared.x12.sets.t837.writing import (
    claim_number,
    procedure_composite,
    write_adjudication,
    write_amount,
    write_attachments,
    write_codes,
    write_day,
    write_days,
    write_drug,
    write_facility,
    write_notes,
    write_other_payer,
    write_provider,
    write_range,
    write_reference,
    write_references,
    written_units,
)
from shared.x12.sets.t837i_x223a2.claim import ClaimBatch, Diagnosis, InstitutionalClaim, Procedure, RevenueLine
from shared.x12.writer import CannotBeWritten, Envelope, SetWriter, amount, identifier, written_day

GUIDE: Final = "005010X223A2"
LINES_MAX: Final = 999
_LIST_MAX: Final = 24
_LIMITS: Final = (
    ("reasons_for_visit", 3),
    ("external_causes", 12),
    ("other_diagnoses", _LIST_MAX),
    ("other_procedures", _LIST_MAX),
    ("occurrence_spans", _LIST_MAX),
    ("occurrences", _LIST_MAX),
    ("value_codes", _LIST_MAX),
    ("condition_codes", _LIST_MAX),
    ("treatment_codes", _LIST_MAX),
)
_NOTES_MAX: Final = 10
_BILLING_NOTE: Final = "ADD"
_NOTES: Final = frozenset("ALG DCP DGN DME MED NTR ODT RHB RLH RNH SET SFM SPT UPI".split())  # noqa: SIM905 (shorter)
_OTHERS_KNOW: Final = {"71": "1", "72": "1", "ZZ": "1", "77": "2", "82": "1", "DN": "1", "85": "2"}  # 2330C to 2330I
_VALUE_DECIMALS: Final = 2
_LINE_NOTE: Final = "TPO"
_PRESENT: Final = frozenset({"", "N", "U", "W", "Y"})
_UNIT_BASES: Final = ("DA", "UN")
_UNUSED: Final = ("",) * 10  # CLM10 to CLM19
_HOURS, _MINUTES = range(24), range(60)


def write_837i(batch: ClaimBatch, *, envelope: Envelope, transaction_control_number: int) -> bytes:
    """Return one interchange with every claim of a batch.

    **Shape**: control numbers are the caller's; those inside `batch` say where a batch was read, and are not used.
    **Errors**: `CannotBeWritten`.
    """
    return write_837i_sets((batch,), envelope=envelope, first_control_number=transaction_control_number)


def write_837i_sets(batches: Sequence[ClaimBatch], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange in which each batch is an ST of one group, numbered on. **Errors**: `CannotBeWritten`."""
    return write_batches(
        batches, guide=GUIDE, envelope=envelope, first_control_number=first_control_number, write_claim=_claim
    )


def _claim(out: SetWriter, claim: InstitutionalClaim) -> None:
    _refuse_unwritable(claim)
    out.add(
        "CLM",
        claim_number(claim.patient_control_number),
        amount(claim.charge_cents),
        "",
        "",
        (codes.FACILITY_TYPE.checked(claim.facility_type), "A", codes.BILL_FREQUENCY.checked(claim.frequency)),
        "",
        codes.ASSIGNMENTS.checked(claim.assignment),
        codes.BENEFITS_ASSIGNED.checked(claim.benefits_assigned),
        codes.RELEASES.checked(claim.release_of_information),
        *_UNUSED,
        codes.DELAYS.checked_if_any(claim.delay_reason),
    )
    _days(out, claim)
    out.add(
        "CL1",
        codes.ADMISSION_TYPE.checked(claim.admission_type),
        codes.ADMISSION_SOURCE.checked_if_any(claim.admission_source),
        codes.PATIENT_STATUS.checked(claim.patient_status),
    )
    write_attachments(out, claim.attachments)
    write_contract(out, claim.contract)
    write_amount(out, "F3", claim.patient_due_cents)
    write_reference(out, "9F", claim.referral_number)
    write_reference(out, "G1", claim.authorization_number)
    write_reference(out, "F8", claim.original_payer_control_number)
    write_reference(out, "EA", claim.medical_record_number)
    write_references(out, claim.references, codes.STAY_NUMBERS)
    write_fixed_figures(out, claim.fixed_figures)
    write_notes(out, claim.notes)
    _codes(out, claim)
    write_repricing(out, claim.repricing)
    write_provider(out, "71", claim.attending_provider, specialty="AT", persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "72", claim.operating_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "ZZ", claim.other_operating_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "82", claim.rendering_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_facility(out, claim.service_facility)
    write_provider(out, "DN", claim.referring_provider, persons=codes.INSTITUTIONAL_PERSONS)
    for other in claim.other_payers:
        write_other_payer(out, other, _OTHERS_KNOW)
    for number, line in enumerate(claim.lines, start=1):
        _line(out, number, line)


def _days(out: SetWriter, claim: InstitutionalClaim) -> None:
    if claim.discharge_hour:
        out.add("DTP", "096", "TM", _hour(claim.discharge_hour))
    write_range(out, "434", claim.statement_from, claim.statement_to)
    if claim.admission_hour:
        out.add("DTP", "435", "DT", written_day(claim.admitted_on) + _hour(claim.admission_hour))
    elif claim.admitted_on:
        out.add("DTP", "435", "D8", written_day(claim.admitted_on))
    write_day(out, "050", claim.repricer_received_on)


def _hour(text: str) -> str:
    digits = text.isascii() and text.isdigit() and len(text) == len("HHMM")
    if not digits or int(text[:2]) not in _HOURS or int(text[2:]) not in _MINUTES:
        raise CannotBeWritten("an hour is four digits of a clock")
    return text


def _codes(out: SetWriter, claim: InstitutionalClaim) -> None:
    principal, procedure = claim.principal_diagnosis, claim.principal_procedure

    def kind(qualifier: str) -> str:
        return codes.of_revision(qualifier, claim.icd)

    write_codes(out, [_diagnosis(kind("ABK"), principal)] if principal else [])
    write_codes(out, [(kind("ABJ"), claim.admitting_diagnosis)] if claim.admitting_diagnosis else [])
    write_codes(out, [(kind("APR"), code) for code in claim.reasons_for_visit])
    write_codes(out, [_diagnosis(kind("ABN"), cause) for cause in claim.external_causes])
    write_codes(out, [("DR", claim.drg)] if claim.drg else [])
    write_codes(out, [_diagnosis(kind("ABF"), other) for other in claim.other_diagnoses])
    write_codes(out, [_procedure(kind("BBR"), procedure)] if procedure else [])
    write_codes(out, [_procedure(kind("BBQ"), other) for other in claim.other_procedures])
    spans = (
        (_nubc(span.code), f"{written_day(span.first_on)}-{written_day(span.last_on)}")
        for span in claim.occurrence_spans
    )
    write_codes(out, [("BI", code, "RD8", lasted) for code, lasted in spans])
    write_codes(out, [("BH", _nubc(each.code), "D8", written_day(each.on)) for each in claim.occurrences])
    write_codes(out, [("BE", _nubc(each.code), "", "", _value(each.amount)) for each in claim.value_codes])
    write_codes(out, [("BG", _nubc(code)) for code in claim.condition_codes])
    write_codes(out, [("TC", code) for code in claim.treatment_codes])


def _nubc(code: str) -> str:
    return codes.NUBC_CODE.checked(code)


def _value(number: Decimal) -> str:
    """Return the amount of a value code; dollars, days or hours, it has the form of an amount."""
    text = written_quantity(number)
    if len(text.partition(".")[2]) > _VALUE_DECIMALS or number < 0:
        raise CannotBeWritten("the amount of a value code has at most two decimals, and is not negative")
    return text


def _diagnosis(qualifier: str, diagnosis: Diagnosis) -> tuple[str, ...]:
    return (qualifier, diagnosis.code, *[""] * 6, diagnosis.present_on_admission)


def _procedure(qualifier: str, procedure: Procedure) -> tuple[str, ...]:
    return (qualifier, procedure.code, "D8", written_day(procedure.done_on))


def _line(out: SetWriter, number: int, line: RevenueLine) -> None:
    done = (line.procedure_qualifier, line.procedure, line.modifiers, line.description)
    out.add("LX", str(number))
    out.add(
        "SV2",
        identifier(line.revenue_code, length_max=48),
        procedure_composite(codes.INSTITUTIONAL_SETS, *done) if line.procedure else "",
        amount(line.charge_cents),
        line.unit_basis,
        written_units(line.units),
        "",
        amount(line.noncovered_cents) if line.noncovered_cents is not None else "",
    )
    write_attachments(out, line.attachments)
    if line.service_from and line.service_to:
        write_days(out, "472", line.service_from, line.service_to)
    write_reference(out, "6R", line.line_control_number, length_max=30)
    write_references(out, line.references, codes.REVENUE_LINE_NUMBERS)
    write_amount(out, "GT", line.service_tax_cents)
    write_amount(out, "N8", line.facility_tax_cents)
    write_notes(out, line.notes)
    write_repricing(out, line.repricing, codes.INSTITUTIONAL_SETS)
    write_drug(out, line.drug)
    write_provider(out, "72", line.operating_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "ZZ", line.other_operating_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "82", line.rendering_provider, persons=codes.INSTITUTIONAL_PERSONS)
    write_provider(out, "DN", line.referring_provider, persons=codes.INSTITUTIONAL_PERSONS)
    for decided in line.adjudications:
        write_adjudication(out, decided, codes.INSTITUTIONAL_SETS)


def _refuse_unwritable(claim: InstitutionalClaim) -> None:
    refuse_uncorrectable(claim)
    refuse_lines(claim, lines_max=LINES_MAX)
    refuse_benefits(claim)
    _refuse_parties(claim)
    _refuse_codes(claim)
    if claim.admission_hour and claim.admitted_on is None:
        raise CannotBeWritten("an hour of admission has its day")
    if claim.notes:
        _refuse_notes(claim)
    for line in claim.lines:
        _refuse_line(line)


def _refuse_parties(claim: InstitutionalClaim) -> None:
    """Refuse what only a professional claim has a place for."""
    provider = claim.billing_provider
    if provider.first_name or provider.kind == codes.PERSON or provider.tax_id_qualifier != "EI":
        raise CannotBeWritten("an institution is paid as an organisation, under an EIN")
    if provider.references or claim.subscriber.contacts or (claim.patient and claim.patient.contacts):
        raise CannotBeWritten(
            "an institutional claim names no licence of the biller, and nobody to ask about a patient"
        )
    if claim.subscriber.insurance_type or any(
        other.insurance_type or other.signature_source for other in claim.other_payers
    ):
        raise CannotBeWritten("an institutional claim says neither insurance type nor whose signature it is")
    if claim.subscriber.condition or (claim.patient and claim.patient.condition):
        raise CannotBeWritten("an institutional claim says neither death, weight nor pregnancy of a patient")


def _refuse_codes(claim: InstitutionalClaim) -> None:
    if claim.principal_diagnosis is None:
        raise CannotBeWritten("an institutional claim has a principal diagnosis")
    for name, most in _LIMITS:
        if len(getattr(claim, name)) > most:
            raise CannotBeWritten(f"an institutional claim has at most {most} of its {name.replace('_', ' ')}")
    _refuse_diagnoses(claim, claim.principal_diagnosis)
    diagnoses = (claim.principal_diagnosis, *claim.external_causes, *claim.other_diagnoses)
    if not _PRESENT.issuperset(diagnosis.present_on_admission for diagnosis in diagnoses):
        raise CannotBeWritten("a diagnosis was present on admission: Y, N, U, W, or exempt")
    procedures = (claim.principal_procedure, *claim.other_procedures)
    if any(procedure is not None and procedure.done_on is None for procedure in procedures):
        raise CannotBeWritten("a procedure of a stay has its day")
    if claim.other_procedures and claim.principal_procedure is None:
        raise CannotBeWritten("other procedures stand beside a principal one")
    if any(span.last_on < span.first_on for span in claim.occurrence_spans):
        raise CannotBeWritten("a span ends before it begins")


def _refuse_diagnoses(claim: InstitutionalClaim, principal: Diagnosis) -> None:
    """Refuse a code that repeats in its list; what a patient came with or was admitted for is often what was found."""
    codes.refuse_diagnoses((principal.code, *(other.code for other in claim.other_diagnoses)))
    for told in (tuple(cause.code for cause in claim.external_causes), claim.reasons_for_visit):
        if told:
            codes.refuse_diagnoses(told)
    if claim.admitting_diagnosis:
        codes.refuse_diagnoses((claim.admitting_diagnosis,))


def _refuse_notes(claim: InstitutionalClaim) -> None:
    kinds = [note.code for note in claim.notes]
    told = kinds[:-1] if kinds[-1] == _BILLING_NOTE else kinds
    if len(told) > _NOTES_MAX or not _NOTES.issuperset(told):
        raise CannotBeWritten(
            "a claim has at most ten notes of the kinds that stand here, and a billing note behind them"
        )


def _refuse_line(line: RevenueLine) -> None:
    if not line.units or line.unit_basis not in _UNIT_BASES:
        raise CannotBeWritten("a line has units (UN) or days (DA), more than none")
    if line.noncovered_cents is not None and line.noncovered_cents < 0:
        raise CannotBeWritten("what is not covered is not negative")
    if (line.service_from is None) != (line.service_to is None):
        raise CannotBeWritten("a service has a first and a last day, or none")
    if not line.procedure and (line.modifiers or line.description):
        raise CannotBeWritten("modifiers and descriptions are of a procedure")
    if [note.code for note in line.notes] not in ([], [_LINE_NOTE]):
        raise CannotBeWritten("an institutional line has one note, of a third party organisation (TPO)")
    if any(not decided.revenue_code for decided in line.adjudications):
        raise CannotBeWritten("a decision about an institutional line names the revenue code")
