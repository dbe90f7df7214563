"""Professional claims to 837P bytes: one interchange, one group, a tree of any number of claims per set.

Consecutive claims with the same billing provider share its level, with the same subscriber and payer theirs: who wants
the smallest file sorts first; the order given is the order written. **Source**: 005010X222A1; RFI 1538 for REF*F8.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from shared.x12.elements import written_quantity
from shared.x12.party import Address
from shared.x12.sets.t837p_x222a1.claim import (
    BillingProvider,
    ClaimBatch,
    Patient,
    Payer,
    ProfessionalClaim,
    Provider,
    ServiceFacility,
    ServiceLine,
    Subscriber,
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

GUIDE: Final = "005010X222A1"
LINES_MAX: Final = 50
DIAGNOSES_MAX: Final = 12
MODIFIERS_MAX: Final = 4
POINTERS_MAX: Final = 4
_ORIGINAL: Final = "1"
_FREQUENCIES: Final = ("1", "7", "8")
_SELF: Final = "18"


def write_837p(batch: ClaimBatch, *, envelope: Envelope, transaction_control_number: int) -> bytes:
    """Return one interchange with every claim of a batch.

    **Shape**: control numbers are the caller's; those inside `batch` say where a batch was read, and are not used.
    **Errors**: `CannotBeWritten`.
    """
    return write_837p_sets((batch,), envelope=envelope, first_control_number=transaction_control_number)


def write_837p_sets(batches: Sequence[ClaimBatch], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange in which each batch is an ST of one group, numbered on. **Errors**: `CannotBeWritten`."""
    if not batches or not all(batch.claims for batch in batches):
        raise CannotBeWritten("a batch has at least one claim")
    sets = []
    for number, batch in enumerate(batches, start=first_control_number):
        out = SetWriter(envelope.separators)
        _header(out, batch, envelope)
        _tree(out, batch.claims)
        sets.append((("837", set_control_number(number), GUIDE), out))
    return enclose(sets, envelope=envelope, functional_id="HC", guide=GUIDE)


def _header(out: SetWriter, batch: ClaimBatch, envelope: Envelope) -> None:
    written_at, submitter = envelope.written_at, batch.submitter
    reference = identifier(batch.reference, length_max=50)
    out.add("BHT", "0019", "00", reference, f"{written_at:%Y%m%d}", f"{written_at:%H%M}", "CH")
    submitter_id = identifier(submitter.submitter_id, length_max=80)
    out.add("NM1", "41", "2", required(submitter.name), "", "", "", "", "46", submitter_id)
    out.add("PER", "IC", required(submitter.contact_name), "TE", identifier(submitter.phone, length_max=256))
    receiver_id = identifier(batch.receiver.receiver_id, length_max=80)
    out.add("NM1", "40", "2", required(batch.receiver.name), "", "", "", "", "46", receiver_id)


def _tree(out: SetWriter, claims: tuple[ProfessionalClaim, ...]) -> None:
    level = 0
    for provider, of_provider in groupby(claims, key=lambda claim: claim.billing_provider):
        level += 1
        provider_level = level
        out.add("HL", str(level), "", "20", "1")
        _billing_provider(out, provider)
        families = groupby(of_provider, key=lambda claim: (claim.subscriber, claim.payer, claim.patient is None))
        for (subscriber, payer, is_patient), of_subscriber in families:
            level += 1
            subscriber_level = level
            out.add("HL", str(level), str(provider_level), "22", "0" if is_patient else "1")
            _subscriber(out, subscriber, payer, is_patient=is_patient)
            for patient, of_patient in groupby(of_subscriber, key=lambda claim: claim.patient):
                if patient is not None:
                    level += 1
                    out.add("HL", str(level), str(subscriber_level), "23", "0")
                    _patient(out, patient)
                for claim in of_patient:
                    _claim(out, claim)


def _billing_provider(out: SetWriter, provider: BillingProvider) -> None:
    if provider.taxonomy:
        out.add("PRV", "BI", "PXC", identifier(provider.taxonomy, length_max=50))
    _named(out, "85", (provider.name, provider.first_name), provider.npi)
    _address(out, provider.address)
    out.add("REF", provider.tax_id_qualifier, identifier(provider.tax_id, length_max=50))


def _subscriber(out: SetWriter, subscriber: Subscriber, payer: Payer, *, is_patient: bool) -> None:
    out.add(
        "SBR",
        subscriber.responsibility,
        _SELF if is_patient else "",
        identifier(subscriber.group_number, length_max=50, required=False),
        "" if subscriber.group_number else sanitize(subscriber.group_name),
        "",
        "",
        "",
        "",
        subscriber.claim_filing,
    )
    name = subscriber.name
    member_id = identifier(subscriber.member_id, length_max=80)
    names = (
        required(name.last_name),
        sanitize(name.first_name, length_max=35),
        sanitize(name.middle_name, length_max=25),
    )
    out.add("NM1", "IL", "1", *names, "", sanitize(name.suffix, length_max=10), "MI", member_id)
    if is_patient and (subscriber.address is None or subscriber.birth_on is None):
        raise CannotBeWritten("a subscriber who is the patient has an address and a birth date")
    if subscriber.address:
        _address(out, subscriber.address)
    if subscriber.birth_on:
        out.add("DMG", "D8", written_day(subscriber.birth_on), subscriber.sex)
    out.add("NM1", "PR", "2", required(payer.name), "", "", "", "", "PI", identifier(payer.payer_id, length_max=80))


def _patient(out: SetWriter, patient: Patient) -> None:
    out.add("PAT", patient.relationship)
    name = patient.name
    names = (
        required(name.last_name),
        sanitize(name.first_name, length_max=35),
        sanitize(name.middle_name, length_max=25),
    )
    out.add("NM1", "QC", "1", *names, "", sanitize(name.suffix, length_max=10))
    if patient.address is None or patient.birth_on is None:
        raise CannotBeWritten("a patient has an address and a birth date")
    _address(out, patient.address)
    out.add("DMG", "D8", written_day(patient.birth_on), patient.sex)


def _claim(out: SetWriter, claim: ProfessionalClaim) -> None:
    _refuse_unwritable(claim)
    out.add(
        "CLM",
        identifier(claim.patient_control_number, length_max=20),
        amount(claim.charge_cents),
        "",
        "",
        (claim.place_of_service, "B", claim.frequency),
        claim.signature_on_file,
        claim.assignment,
        claim.benefits_assigned,
        claim.release_of_information,
    )
    if claim.authorization_number:
        out.add("REF", "G1", identifier(claim.authorization_number, length_max=50))
    if claim.original_payer_control_number:
        out.add("REF", "F8", identifier(claim.original_payer_control_number, length_max=50))
    codes = [identifier(code, length_max=30) for code in claim.diagnoses]
    out.add("HI", *(("ABF" if number else "ABK", code) for number, code in enumerate(codes)))
    if claim.referring_provider:
        _provider(out, "DN", claim.referring_provider)
    if claim.rendering_provider:
        _provider(out, "82", claim.rendering_provider)
    if claim.service_facility:
        _facility(out, claim.service_facility)
    for number, line in enumerate(claim.lines, start=1):
        _line(out, number, line)


def _refuse_unwritable(claim: ProfessionalClaim) -> None:
    """Refuse what no reader could take apart again, or every clearinghouse sends back (x12.md, section 9)."""
    if not 1 <= len(claim.lines) <= LINES_MAX:
        raise CannotBeWritten("a professional claim has 1 to 50 lines")
    if not 1 <= len(claim.diagnoses) <= DIAGNOSES_MAX:
        raise CannotBeWritten("a professional claim has 1 to 12 diagnoses")
    if claim.frequency not in _FREQUENCIES:
        raise CannotBeWritten("the frequency of a professional claim is 1, 7 or 8")
    if (claim.frequency == _ORIGINAL) == bool(claim.original_payer_control_number):
        raise CannotBeWritten("a replacement or void names the payer's claim number, an original does not")
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        raise CannotBeWritten("the charge of a claim is the sum of its lines")
    for line in claim.lines:
        if len(line.modifiers) > MODIFIERS_MAX:
            raise CannotBeWritten("a line has at most four modifiers")
        if not 1 <= len(line.pointers) <= POINTERS_MAX:
            raise CannotBeWritten("a line points to 1 to 4 diagnoses")
        if not all(1 <= pointer <= len(claim.diagnoses) for pointer in line.pointers):
            raise CannotBeWritten("a line points to a diagnosis that the claim does not have")


def _provider(out: SetWriter, role: str, provider: Provider) -> None:
    _named(out, role, (provider.last_name, provider.first_name), provider.npi)
    if provider.taxonomy and role == "82":  # 2310A has no PRV
        out.add("PRV", "PE", "PXC", identifier(provider.taxonomy, length_max=50))


def _facility(out: SetWriter, facility: ServiceFacility) -> None:
    _named(out, "77", (facility.name, ""), facility.npi)
    _address(out, facility.address)


def _line(out: SetWriter, number: int, line: ServiceLine) -> None:
    procedure = identifier(line.procedure, length_max=48)
    modifiers = (*line.modifiers, *[""] * MODIFIERS_MAX)[:MODIFIERS_MAX]
    out.add("LX", str(number))
    out.add(
        "SV1",
        (line.procedure_qualifier, procedure, *modifiers, sanitize(line.description, length_max=80)),
        amount(line.charge_cents),
        line.unit_basis,
        written_quantity(line.units),
        line.place_of_service,
        "",
        tuple(str(pointer) for pointer in line.pointers),
    )
    if line.service_from == line.service_to:
        out.add("DTP", "472", "D8", written_day(line.service_from))
    else:
        out.add("DTP", "472", "RD8", f"{written_day(line.service_from)}-{written_day(line.service_to)}")
    if line.line_control_number:
        out.add("REF", "6R", identifier(line.line_control_number, length_max=30))


def _named(out: SetWriter, role: str, name: tuple[str, str], npi: str) -> None:
    last, first = required(name[0]), sanitize(name[1], length_max=35)
    known = ("XX", identifier(npi, length_max=80)) if npi else ()
    out.add("NM1", role, "1" if first or role == "DN" else "2", last, first, "", "", "", *known)


def _address(out: SetWriter, address: Address) -> None:
    out.add("N3", required(address.line, length_max=55), sanitize(address.line_2, length_max=55))
    out.add(
        "N4",
        required(address.city, length_max=30),
        sanitize(address.state),
        identifier(address.postal_code, length_max=15),
    )
