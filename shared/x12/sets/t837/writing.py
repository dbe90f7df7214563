"""The segments that every 837 shares: names, places, numbers, notes, attachments, drugs, other payers.

Owns: which field is which element, and the order inside a loop. Refuses: what does not fit its element, and codes that
the guides do not know where another code would change the meaning. Next: `tree.py`, and the `writing.py` of the sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shared.x12.adjustment import grouped, write_adjustments
from shared.x12.elements import written_quantity
from shared.x12.figures import written_summary
from shared.x12.party import Address, PersonName
from shared.x12.segments import Contact, Reference, write_address, write_contacts
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer
from shared.x12.sets.t837.parties import BillingProvider, OrderingProvider, Payer, Provider, ServiceFacility, Subscriber
from shared.x12.sets.t837.supplements import Attachment, Drug, Note
from shared.x12.writer import CannotBeWritten, SetWriter, amount, identifier, required, sanitize, written_day

MODIFIERS_MAX: Final = 4
ATTACHMENTS_MAX: Final = 10
_REMEMBERED_MAX: Final = 16_384  # what is done, and how often, repeats
_UNITS_END: Final = Decimal(100_000_000)
_UNITS_STEP: Final = Decimal("0.001")
_UNITS_RULE: Final = "units are a number of at most eight digits and three decimals, not less than nothing"
_CODES_PER_SEGMENT: Final = 12
_NUMBERS_OF: Final = {"77": codes.FACILITY_NUMBERS, "85": codes.OTHERS_BILLER_NUMBERS}  # at another payer
_ORDERERS: Final = frozenset({"DK", "DN"})
_ORDERER_CONTACTS_MAX: Final = 1
_FULL_ZIP: Final = 9
_CAS_MAX: Final = 5
_ON_REQUEST: Final = "AA"
_TRANSMISSIONS: Final = frozenset({_ON_REQUEST, "BM", "EL", "EM", "FT", "FX"})
_CERTIFIED: Final = frozenset(("CT", way) for way in ("AB", "AD", "AF", "AG", "NS"))
_DRUG_UNITS: Final = frozenset({"F2", "GR", "ME", "ML", "UN"})


def claim_number(number: str) -> str:
    """Return CLM01. **Errors**: `CannotBeWritten`, also for one that payers may return otherwise than it went."""
    if " " in number:
        raise CannotBeWritten("the number of a claim has no blank, by which payers would change it")
    return identifier(number, length_max=20)


def insured_group(group: Subscriber | OtherPayer) -> tuple[str, str]:
    """Return SBR03 and SBR04: a number, else a name. **Errors**: `CannotBeWritten` for both."""
    if group.group_number and group.group_name:
        raise CannotBeWritten("the name of a group stands where it has no number")
    return identifier(group.group_number, length_max=50, required=False), sanitize(group.group_name)


def write_person(out: SetWriter, role: str, name: PersonName) -> None:
    """Append the NM1 of a patient."""
    out.add("NM1", role, codes.PERSON, *_names(name))


def write_insured(out: SetWriter, kind: str, name: PersonName, qualifier: str, member_id: str) -> None:
    """Append the NM1 of who is insured. **Shape**: `kind` 2 is an employer. **Errors**: `CannotBeWritten`."""
    number = identifier(member_id, length_max=80)
    out.add("NM1", "IL", codes.KINDS.checked(kind), *_names(name), codes.MEMBER_IDS.checked(qualifier), number)


def _names(name: PersonName | Provider | BillingProvider) -> tuple[str, str, str, str, str]:
    return (
        required(name.name if isinstance(name, BillingProvider) else name.last_name),
        sanitize(name.first_name, length_max=35),
        sanitize(name.middle_name, length_max=25),
        "",
        sanitize(name.suffix, length_max=10),
    )


def write_payer(out: SetWriter, payer: Payer) -> None:
    """Append a payer up to its address. **Errors**: `CannotBeWritten`."""
    qualifier, payer_id = codes.PAYER_IDS.checked(payer.payer_id_qualifier), identifier(payer.payer_id, length_max=80)
    out.add("NM1", "PR", "2", required(payer.name), "", "", "", "", qualifier, payer_id)
    if payer.address:
        write_address(out, payer.address, whole=True)


def write_site(out: SetWriter, address: Address) -> None:
    """Append where a provider works: with the full ZIP, at home. **Errors**: `CannotBeWritten`."""
    code = address.postal_code
    if not address.country and (len(code) != _FULL_ZIP or not (code.isascii() and code.isdigit())):
        raise CannotBeWritten("a provider's ZIP has nine digits")
    write_address(out, address, whole=True)


def write_references(out: SetWriter, references: tuple[Reference, ...], known: codes.CodeList) -> None:
    """Append the numbers of somebody in their order, one of a kind. **Shape**: `known` the loop has a place for."""
    kinds = [reference.qualifier for reference in references]
    if len(set(kinds)) != len(kinds) or len(kinds) > codes.NUMBERS_MAX.get(known, len(kinds)):
        raise CannotBeWritten(f"{known.what} is given once, and no more of them than the guide has places for")
    for reference in references:
        if reference.description:
            raise CannotBeWritten("a number of somebody in a claim has no description")
        qualifier, number = known.checked(reference.qualifier), identifier(reference.number, length_max=50)
        if qualifier == codes.SOCIAL_SECURITY:
            number = codes.SOCIAL_SECURITY_NUMBER.checked(number)
        write_reference(out, qualifier, number)


def write_people(out: SetWriter, contacts: tuple[Contact, ...], most: int) -> None:
    """Append whom to ask (PER). **Errors**: `CannotBeWritten`."""
    if len(contacts) > most:
        raise CannotBeWritten(f"there are at most {most} contacts here")
    write_contacts(out, contacts)


def kind_of(party: Provider | BillingProvider, *, is_person: bool = False) -> str:
    """Return NM102. **Shape**: `is_person` where only persons do what they did. **Errors**: `CannotBeWritten`."""
    if is_person and party.kind not in {"", codes.PERSON}:
        raise CannotBeWritten("who refers, supervises, attends or operates is a person")
    if party.kind:
        return codes.KINDS.checked(party.kind)
    return codes.PERSON if is_person or party.first_name else codes.ORGANISATION


def write_biller(out: SetWriter, provider: BillingProvider) -> None:
    """Append the NM1 of who is paid. **Errors**: `CannotBeWritten`."""
    known = ("XX", identifier(provider.npi, length_max=80)) if provider.npi else ()
    out.add("NM1", "85", kind_of(provider), *_names(provider), *known)


def write_provider(
    out: SetWriter,
    role: str,
    provider: Provider | None,
    *,
    specialty: str = "",
    persons: frozenset[str] = codes.PROFESSIONAL_PERSONS,
) -> None:
    """Append who treated, if anybody.

    **Shape**: `specialty` is PRV01, empty where the loop has no PRV; `persons` are the roles that no organisation has.
    """
    if provider is None:
        return
    known = ("XX", identifier(provider.npi, length_max=80)) if provider.npi else ()
    out.add("NM1", role, kind_of(provider, is_person=role in persons), *_names(provider), *known)
    if provider.taxonomy and specialty:
        out.add("PRV", specialty, "PXC", identifier(provider.taxonomy, length_max=50))
    if provider.references:
        known_by = codes.ORDERER_NUMBERS if role in _ORDERERS else codes.PROVIDER_NUMBERS
        write_references(out, provider.references, known_by)


def write_ordering_provider(out: SetWriter, found: OrderingProvider) -> None:
    """Append who ordered what a line has. **Errors**: `CannotBeWritten`."""
    write_provider(out, "DK", replace(found.provider, references=()))
    write_address(out, found.address, whole=True)
    write_references(out, found.provider.references, codes.ORDERER_NUMBERS)
    write_people(out, found.contacts, _ORDERER_CONTACTS_MAX)


def write_facility(
    out: SetWriter, facility: ServiceFacility | None, known_by: codes.CodeList = codes.FACILITY_NUMBERS
) -> None:
    """Append where it was done, if it is said. **Shape**: `known_by` the numbers that the loop has a place for."""
    if facility:
        known = ("XX", identifier(facility.npi, length_max=80)) if facility.npi else ()
        out.add("NM1", "77", codes.ORGANISATION, required(facility.name), "", "", "", "", *known)
        write_site(out, facility.address)
        write_references(out, facility.references, known_by)


def write_reference(out: SetWriter, qualifier: str, number: str, *, length_max: int = 50) -> None:
    """Append a REF, if there is a number."""
    if number:
        out.add("REF", qualifier, identifier(number, length_max=length_max))


def write_amount(out: SetWriter, qualifier: str, cents: int | None) -> None:
    """Append an AMT, if there is an amount. **Units**: cents. **Errors**: `CannotBeWritten` for less than nothing."""
    if cents is not None:
        if cents < 0:
            raise CannotBeWritten("what was paid, is owed or is not covered is not negative")
        out.add("AMT", qualifier, amount(cents))


def write_day(out: SetWriter, qualifier: str, day: date | None) -> None:
    """Append the DTP of a day, if there is one."""
    if day:
        out.add("DTP", qualifier, "D8", written_day(day))


def write_days(out: SetWriter, qualifier: str, first: date, last: date) -> None:
    """Append the DTP of a service: one day, or a range. **Shape**: both inclusive."""
    if last < first:
        raise CannotBeWritten("a service ends before it begins")
    if first == last:
        out.add("DTP", qualifier, "D8", written_day(first))
    else:
        out.add("DTP", qualifier, "RD8", f"{written_day(first)}-{written_day(last)}")


def write_range(out: SetWriter, qualifier: str, first: date, last: date) -> None:
    """Append the DTP of a range, of one day too. **Shape**: both inclusive. **Errors**: `CannotBeWritten`."""
    if last < first:
        raise CannotBeWritten("a range of days ends before it begins")
    out.add("DTP", qualifier, "RD8", f"{written_day(first)}-{written_day(last)}")


def write_notes(out: SetWriter, notes: tuple[Note, ...]) -> None:
    """Append notes in their order."""
    for note in notes:
        out.add("NTE", note.code, required(note.text, length_max=80))


def write_codes(out: SetWriter, composites: Sequence[tuple[str, ...]]) -> None:
    """Append codes of one kind (HI), twelve in each segment. **Shape**: qualifier, code, and what belongs to it."""
    for _, code, *_ in composites:
        identifier(code, length_max=30)
    for start in range(0, len(composites), _CODES_PER_SEGMENT):
        out.add("HI", *composites[start : start + _CODES_PER_SEGMENT])


def write_certified_attachments(out: SetWriter, attachments: tuple[Attachment, ...]) -> None:
    """Append what goes another way with a line, a certificate of need last. **Errors**: `CannotBeWritten`."""
    has_certificate = bool(attachments) and (attachments[-1].report, attachments[-1].transmission) in _CERTIFIED
    write_attachments(out, attachments[:-1] if has_certificate else attachments)
    if has_certificate:
        if attachments[-1].control_number:
            raise CannotBeWritten("a certificate of need has no control number")
        out.add("PWK", attachments[-1].report, attachments[-1].transmission)


def write_attachments(out: SetWriter, attachments: tuple[Attachment, ...]) -> None:
    """Append what goes another way. **Errors**: `CannotBeWritten` where nobody could find it."""
    if len(attachments) > ATTACHMENTS_MAX:
        raise CannotBeWritten("a claim or a line has at most ten attachments")
    for one in attachments:
        if one.transmission not in _TRANSMISSIONS:
            raise CannotBeWritten("an attachment goes a way that the guide knows")
        if not one.control_number and one.transmission != _ON_REQUEST:
            raise CannotBeWritten("an attachment that is sent has a control number")
        number = identifier(one.control_number, length_max=50, required=False)
        out.add("PWK", codes.REPORT_TYPE.checked(one.report), one.transmission, "", "", "AC" if number else "", number)


def write_drug(out: SetWriter, drug: Drug | None) -> None:
    """Append the drug of a line, if there is one. **Errors**: `CannotBeWritten`."""
    if drug is None:
        return
    if drug.quantity is None or drug.quantity <= 0 or drug.unit not in _DRUG_UNITS:
        raise CannotBeWritten("a drug has a quantity in F2, GR, ME, ML or UN")
    out.add("LIN", "", "N4", identifier(drug.ndc, length_max=48))
    out.add("CTP", "", "", "", written_quantity(drug.quantity), drug.unit)
    write_reference(out, "XZ", drug.prescription_number)


@lru_cache(_REMEMBERED_MAX)
def procedure_composite(
    code_sets: codes.CodeList, qualifier: str, code: str, modifiers: tuple[str, ...], description: str
) -> tuple[str, ...]:
    """Return what was done as a composite. **Shape**: `code_sets` of the guide. **Errors**: `CannotBeWritten`."""
    if len(modifiers) > MODIFIERS_MAX:
        raise CannotBeWritten("a line has at most four modifiers")
    done = (
        code_sets.checked(qualifier),
        identifier(code, length_max=48),
        *map(codes.MODIFIER.checked, modifiers),
    )
    if not description:
        return done
    return (*done, *[""] * (MODIFIERS_MAX - len(modifiers)), required(description, length_max=80))


def written_units(units: Decimal) -> str:
    """Return how much was done. **Errors**: `CannotBeWritten` for less than nothing, and finer than thousandths."""
    if not units.is_finite():
        raise CannotBeWritten(_UNITS_RULE)
    return _written_units(units)


@lru_cache(_REMEMBERED_MAX)
def _written_units(units: Decimal) -> str:
    if not 0 <= units < _UNITS_END or units % _UNITS_STEP:
        raise CannotBeWritten(_UNITS_RULE)
    return written_quantity(units)


def write_other_payer(out: SetWriter, other: OtherPayer, roles: Mapping[str, str]) -> None:
    """Append another payer of the claim, with whom it insures and what it decided.

    **Shape**: `roles` of those whom it knows by numbers of its own, in the order of the guide, with the kinds (NM102)
    that they may be of.
    **Errors**: `CannotBeWritten`.
    """
    out.add(
        "SBR",
        codes.RESPONSIBILITIES.checked(other.responsibility),
        codes.RELATIONSHIPS.checked(other.relationship),
        *insured_group(other),
        codes.INSURANCE_TYPE.checked_if_any(other.insurance_type),
        "",
        "",
        "",
        codes.CLAIM_FILING.checked(other.claim_filing),
    )
    if write_adjustments(out, grouped(other.adjustments)) > _CAS_MAX:
        raise CannotBeWritten("the adjustments of a payer take more than five CAS")
    write_amount(out, "D", other.paid_cents)
    write_amount(out, "A8", other.noncovered_cents)
    write_amount(out, "EAF", other.remaining_liability_cents)
    out.add(
        "OI",
        "",
        "",
        codes.BENEFITS_ASSIGNED.checked(other.benefits_assigned),
        codes.SIGNATURE_SOURCES.checked_if_any(other.signature_source),
        "",
        codes.RELEASES.checked(other.release_of_information),
    )
    for tag, figures in (("MIA", other.inpatient), ("MOA", other.outpatient)):
        if figures:
            out.add(tag, *written_summary(figures))
    write_insured(out, other.subscriber_kind, other.subscriber_name, other.member_id_qualifier, other.member_id)
    write_address(out, other.subscriber_address, whole=True)
    write_references(out, other.subscriber_references, codes.OTHER_INSURED_NUMBERS)
    write_payer(out, other.payer)
    write_day(out, "573", other.adjudicated_on)
    write_references(out, other.payer.references, codes.OTHER_PAYER_NUMBERS)
    write_reference(out, "G1", other.authorization_number)
    write_reference(out, "9F", other.referral_number)
    write_reference(out, "F8", other.payer_control_number)
    told = [provider.role for provider in other.providers]
    if told != [role for role in roles if role in told]:
        raise CannotBeWritten("another payer knows each of the claim once, in the order of the guide")
    for provider in other.providers:
        if not provider.references or codes.KINDS.checked(provider.kind) not in roles[provider.role]:
            raise CannotBeWritten("whom another payer knows has a number there, and is a person or not as in the claim")
        out.add("NM1", provider.role, provider.kind)
        write_references(out, provider.references, _NUMBERS_OF.get(provider.role, codes.PROVIDER_NUMBERS))


def write_adjudication(out: SetWriter, decided: LineAdjudication, code_sets: codes.CodeList) -> None:
    """Append what another payer decided about a line. **Errors**: `CannotBeWritten`."""
    done = (decided.procedure_qualifier, decided.procedure, decided.modifiers, decided.description)
    out.add(
        "SVD",
        identifier(decided.payer_id, length_max=80),
        amount(decided.paid_cents),
        procedure_composite(code_sets, *done) if decided.procedure else "",
        identifier(decided.revenue_code, length_max=48, required=False),
        written_units(decided.units),
        str(decided.bundled_into) if decided.bundled_into is not None else "",
    )
    if write_adjustments(out, grouped(decided.adjustments)) > _CAS_MAX:
        raise CannotBeWritten("the adjustments of a line take more than five CAS")
    write_day(out, "573", decided.adjudicated_on)
    write_amount(out, "EAF", decided.remaining_liability_cents)
