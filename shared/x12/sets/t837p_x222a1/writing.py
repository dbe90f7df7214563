"""Professional claims to 837P bytes: the claim and its lines; what stands above them is `../t837/tree.py`'s.

Owns: order and limits of loops 2300 to 2400. Refuses: what no reader could take apart again, or every clearinghouse
sends back. **Source**: 005010X222A1; x12.md, sections 5, 7 and 9.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.contract import write_contract, write_fixed_figures
from shared.x12.sets.t837.refusals import refuse_benefits, refuse_lines, refuse_uncorrectable
from shared.x12.sets.t837.repricing import write_repricing
from shared.x12.sets.t837.supplements import Note
from shared.x12.sets.t837.tree import write_batches
from shared.x12.sets.t837.writing import (
    claim_number,
    procedure_composite,
    write_adjudication,
    write_amount,
    write_attachments,
    write_certified_attachments,
    write_codes,
    write_day,
    write_days,
    write_drug,
    write_facility,
    write_notes,
    write_ordering_provider,
    write_other_payer,
    write_provider,
    write_range,
    write_reference,
    write_references,
    written_units,
)
from shared.x12.sets.t837p_x222a1.certificates import (
    CLAIM_CATEGORIES,
    LINE_CATEGORIES,
    write_certificates,
    write_count,
    write_forms,
    write_ride,
    write_spinal_treatment,
    write_stops,
)
from shared.x12.sets.t837p_x222a1.claim import (
    NO_DATES,
    NO_LINE_DATES,
    ClaimBatch,
    ClaimDates,
    ProfessionalClaim,
    ServiceLine,
)
from shared.x12.sets.t837p_x222a1.codes import DATES, LATER_DATES, LINE_DATES
from shared.x12.sets.t837p_x222a1.equipment import write_measurements, write_need, write_need_days, write_rental
from shared.x12.sets.t837p_x222a1.purchase import write_cost, write_seller
from shared.x12.writer import CannotBeWritten, Envelope, SetWriter, amount

GUIDE: Final = "005010X222A1"
LINES_MAX: Final = 50
_REMEMBERED_MAX: Final = 1_024  # few diagnoses are pointed to in few ways
DIAGNOSES_MAX: Final = 12
POINTERS_MAX: Final = 4
CONDITIONS_MAX: Final = 24
_FREQUENCIES: Final = ("1", "7", "8")
_CAUSES: Final = frozenset({"AA", "EM", "OA"})
_CAUSES_MAX: Final = 2
_AUTO: Final = "AA"
_UNUSED: Final = ("",) * 7  # CLM13 to CLM19
_ACCIDENTS: Final = frozenset({_AUTO, "OA"})
_ANESTHESIA: Final = ("BP", "BO")
_OTHERS_KNOW: Final = {"DN": "1", "P3": "1", "82": "12", "77": "2", "DQ": "1", "85": "12"}  # 2330C to 2330G
_UNIT_BASES: Final = ("UN", "MJ")
_CLAIM_NOTES: Final = (("ADD", "CER", "DCP", "DGN", "TPO"),)
_LINE_NOTES: Final = (("ADD", "DCP"), ("TPO",))


def write_837p(batch: ClaimBatch, *, envelope: Envelope, transaction_control_number: int) -> bytes:
    """Return one interchange with every claim of a batch.

    **Shape**: control numbers are the caller's; those inside `batch` say where a batch was read, and are not used.
    **Errors**: `CannotBeWritten`.
    """
    return write_837p_sets((batch,), envelope=envelope, first_control_number=transaction_control_number)


def write_837p_sets(batches: Sequence[ClaimBatch], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange in which each batch is an ST of one group, numbered on. **Errors**: `CannotBeWritten`."""
    return write_batches(
        batches, guide=GUIDE, envelope=envelope, first_control_number=first_control_number, write_claim=_claim
    )


def _claim(out: SetWriter, claim: ProfessionalClaim) -> None:
    _refuse_unwritable(claim)
    out.add(
        "CLM",
        claim_number(claim.patient_control_number),
        amount(claim.charge_cents),
        "",
        "",
        (codes.PLACE_OF_SERVICE.checked(claim.place_of_service), "B", claim.frequency),
        codes.SIGNATURES_ON_FILE.checked(claim.signature_on_file),
        codes.ASSIGNMENTS.checked(claim.assignment),
        codes.BENEFITS_ASSIGNED.checked(claim.benefits_assigned),
        codes.RELEASES.checked(claim.release_of_information),
        codes.SIGNATURE_SOURCES.checked_if_any(claim.signature_source),
        _causes(claim),
        codes.PROGRAMS.checked_if_any(claim.special_program),
        *_UNUSED,
        codes.DELAYS.checked_if_any(claim.delay_reason),
    )
    if claim.dates is not NO_DATES:
        _claim_dates(out, claim.dates)
    write_attachments(out, claim.attachments)
    write_contract(out, claim.contract)
    write_amount(out, "F5", claim.patient_paid_cents)
    write_reference(out, "9F", claim.referral_number)
    write_reference(out, "G1", claim.authorization_number)
    write_reference(out, "F8", claim.original_payer_control_number)
    write_reference(out, "X4", claim.clia_number)
    write_reference(out, "EA", claim.medical_record_number)
    if claim.references:
        write_references(out, claim.references, codes.CLAIM_NUMBERS)
    write_fixed_figures(out, claim.fixed_figures)
    write_notes(out, claim.notes)
    if claim.ride:
        write_ride(out, claim.ride)
    write_spinal_treatment(out, claim.spinal_treatment)
    if claim.certificates:
        write_certificates(out, claim.certificates, CLAIM_CATEGORIES)
    _codes(out, claim)
    write_repricing(out, claim.repricing)
    write_provider(out, "DN", claim.referring_provider)
    write_provider(out, "82", claim.rendering_provider, specialty="PE")
    write_facility(out, claim.service_facility)
    write_provider(out, "DQ", claim.supervising_provider)
    if claim.ride:
        write_stops(out, claim.ride)
    for other in claim.other_payers:
        write_other_payer(out, other, _OTHERS_KNOW)
    for number, line in enumerate(claim.lines, start=1):
        _line(out, number, line)


def _claim_dates(out: SetWriter, dates: ClaimDates) -> None:
    for qualifier, name in DATES:
        write_day(out, qualifier, getattr(dates, name))
    if dates.disabled_from and dates.disabled_to:
        write_range(out, "314", dates.disabled_from, dates.disabled_to)
    else:
        write_day(out, "360", dates.disabled_from)
        write_day(out, "361", dates.disabled_to)
    for qualifier, name in LATER_DATES:
        write_day(out, qualifier, getattr(dates, name))


def _causes(claim: ProfessionalClaim) -> str | tuple[str, ...]:
    if not claim.related_causes:
        return ""
    causes = (*claim.related_causes, "")[:_CAUSES_MAX]
    return (*causes, "", codes.STATE.checked_if_any(claim.accident_state))


def _codes(out: SetWriter, claim: ProfessionalClaim) -> None:
    principal, other = codes.of_revision("ABK", claim.icd), codes.of_revision("ABF", claim.icd)
    write_codes(out, [(other if number else principal, code) for number, code in enumerate(claim.diagnoses)])
    if claim.anesthesia_procedures:
        write_codes(out, list(zip(_ANESTHESIA, claim.anesthesia_procedures, strict=False)))
    if claim.condition_codes:
        write_codes(out, [("BG", codes.NUBC_CODE.checked(code)) for code in claim.condition_codes])


def _line(out: SetWriter, number: int, line: ServiceLine) -> None:
    out.add("LX", str(number))
    out.add(
        "SV1",
        procedure_composite(
            codes.PROFESSIONAL_SETS, line.procedure_qualifier, line.procedure, line.modifiers, line.description
        ),
        amount(line.charge_cents),
        line.unit_basis,
        written_units(line.units),
        codes.PLACE_OF_SERVICE.checked_if_any(line.place_of_service),
        "",
        _pointers(line.pointers),
        *_flags(line),
    )
    if line.rental or line.attachments or line.ride or line.need or line.certificates:
        _before_days(out, line)
    write_days(out, "472", line.service_from, line.service_to)
    _counts_and_numbers(out, line)
    if line.notes or line.fixed_figures or line.purchase:
        _agreed_and_told(out, line)
    if line.repricing:
        write_repricing(out, line.repricing, codes.PROFESSIONAL_SETS)
    if line.drug:
        write_drug(out, line.drug)
    if line.rendering_provider:
        write_provider(out, "82", line.rendering_provider, specialty="PE")
    _places_and_others(out, line)
    for decided in line.adjudications:
        write_adjudication(out, decided, codes.PROFESSIONAL_SETS)
    if line.forms:
        write_forms(out, line.forms)


def _agreed_and_told(out: SetWriter, line: ServiceLine) -> None:
    write_fixed_figures(out, line.fixed_figures)
    write_notes(out, line.notes)
    if line.purchase:
        write_cost(out, line.purchase)


@lru_cache(_REMEMBERED_MAX)
def _pointers(pointers: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(map(str, pointers))


def _places_and_others(out: SetWriter, line: ServiceLine) -> None:
    if line.purchase:
        write_seller(out, line.purchase)
    if line.service_facility:
        write_facility(out, line.service_facility, codes.LINE_FACILITY_NUMBERS)
    if line.supervising_provider:
        write_provider(out, "DQ", line.supervising_provider)
    if line.ordering_provider:
        write_ordering_provider(out, line.ordering_provider)
    if line.referring_provider:
        write_provider(out, "DN", line.referring_provider)
    if line.ride:
        write_stops(out, line.ride)


def _before_days(out: SetWriter, line: ServiceLine) -> None:
    if line.rental:
        write_rental(out, line.rental, line.procedure)
    write_certified_attachments(out, line.attachments)
    if line.ride:
        write_ride(out, line.ride)
    if line.need:
        write_need(out, line.need)
    write_certificates(out, line.certificates, LINE_CATEGORIES)


def _dates(out: SetWriter, line: ServiceLine) -> None:
    if line.need:
        write_need_days(out, line.need)
    if line.dates is not NO_LINE_DATES:
        for qualifier, name in LINE_DATES:
            write_day(out, qualifier, getattr(line.dates, name))


def _counts_and_numbers(out: SetWriter, line: ServiceLine) -> None:
    _dates(out, line)
    if line.ride:
        write_count(out, "PT", line.ride.patients)
    if line.obstetric_units is not None:
        write_count(out, "FL", line.obstetric_units)
    if line.measurements:
        write_measurements(out, line.measurements)
    if line.contract:
        write_contract(out, line.contract)
    if line.authorization_number:
        write_reference(out, "G1", line.authorization_number)
    if line.line_control_number:
        write_reference(out, "6R", line.line_control_number, length_max=30)
    if line.clia_number:
        write_reference(out, "X4", line.clia_number)
    if line.referral_number:
        write_reference(out, "9F", line.referral_number)
    if line.references:
        write_references(out, line.references, codes.LINE_NUMBERS)
    write_amount(out, "T", line.sales_tax_cents)
    write_amount(out, "F4", line.postage_cents)


def _flags(line: ServiceLine) -> tuple[str, ...]:
    """Return SV108 to SV115, nothing where all of them are empty."""
    if not (line.is_emergency or line.is_screening or line.is_family_planning or line.is_without_copay):
        return ()
    emergency, screening, planning = (
        "Y" if flag else "" for flag in (line.is_emergency, line.is_screening, line.is_family_planning)
    )
    return ("", emergency, "", screening, planning, "", "", "0" if line.is_without_copay else "")


def _refuse_unwritable(claim: ProfessionalClaim) -> None:
    if not 1 <= len(claim.diagnoses) <= DIAGNOSES_MAX:
        raise CannotBeWritten("a professional claim has 1 to 12 diagnoses")
    codes.refuse_diagnoses(claim.diagnoses)
    if claim.frequency not in _FREQUENCIES:
        raise CannotBeWritten("the frequency of a professional claim is 1, 7 or 8")
    refuse_uncorrectable(claim)
    refuse_lines(claim, lines_max=LINES_MAX)
    refuse_benefits(claim)
    if claim.other_payers and any(other.inpatient for other in claim.other_payers):
        raise CannotBeWritten("only an institutional claim says how a stay was priced (MIA)")
    if claim.related_causes or claim.accident_state:
        _refuse_causes(claim)
    if len(claim.anesthesia_procedures) > len(_ANESTHESIA):
        raise CannotBeWritten("an anesthesia names at most two procedures")
    if len(claim.condition_codes) > CONDITIONS_MAX:
        raise CannotBeWritten("a claim has at most 24 conditions")
    if claim.ride and claim.ride.patients is not None:
        raise CannotBeWritten("how many rode stands on a line")
    if claim.notes:
        _refuse_notes(claim.notes, _CLAIM_NOTES)
    for line in claim.lines:
        _refuse_line(line, len(claim.diagnoses))


def _refuse_causes(claim: ProfessionalClaim) -> None:
    causes = claim.related_causes
    if len(causes) > _CAUSES_MAX or not _CAUSES.issuperset(causes):
        raise CannotBeWritten("a claim has at most two related causes: AA, EM or OA")
    if (_AUTO in causes) != bool(claim.accident_state):
        raise CannotBeWritten("an accident with a car has a state, and nothing else has")
    if not _ACCIDENTS.isdisjoint(causes) and claim.dates.accident_on is None:
        raise CannotBeWritten("an accident has a day")


def _refuse_line(line: ServiceLine, diagnoses: int) -> None:
    if not 1 <= len(line.pointers) <= POINTERS_MAX:
        raise CannotBeWritten("a line points to 1 to 4 diagnoses")
    if min(line.pointers) < 1 or max(line.pointers) > diagnoses:
        raise CannotBeWritten("a line points to a diagnosis that the claim does not have")
    if not line.units or line.unit_basis not in _UNIT_BASES:
        raise CannotBeWritten("a line has units (UN) or minutes (MJ), more than none")
    if line.repricing and line.repricing.revenue_code:
        raise CannotBeWritten("only an institutional line is approved under a revenue code")
    if line.notes:
        _refuse_notes(line.notes, _LINE_NOTES)
    if line.adjudications and not all(decided.procedure for decided in line.adjudications):
        raise CannotBeWritten("a decision about a professional line names the procedure")


def _refuse_notes(notes: tuple[Note, ...], kinds: tuple[tuple[str, ...], ...]) -> None:
    """Refuse notes of other kinds, more than one of a kind, and another order than the guide's."""
    places = [place for note in notes for place, kind in enumerate(kinds) if note.code in kind]
    if len(places) != len(notes) or any(later <= sooner for sooner, later in pairwise(places)):
        raise CannotBeWritten("a note is of a kind that stands here, one of each, in the order of the guide")
