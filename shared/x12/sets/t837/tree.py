"""The tree of an 837 as bytes: header, who is paid, who is insured, who was treated; claims hang below.

Consecutive claims with the same billing provider share its level, with the same subscriber and payer theirs: who wants
the smallest file sorts first; the order given is the order written. Owns: loops 1000 to 2010. Next: the `writing.py`
of the set, which writes the claim. **Source**: 005010X222A1 and 005010X223A2.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, Protocol, TypeVar

from shared.x12.segments import Contact, write_address
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.batch import Batch
from shared.x12.sets.t837.parties import (
    BillingProvider,
    Patient,
    PatientCondition,
    Payer,
    PayToPlan,
    Submitter,
    Subscriber,
)
from shared.x12.sets.t837.writing import (
    insured_group,
    kind_of,
    write_biller,
    write_insured,
    write_payer,
    write_people,
    write_person,
    write_references,
    write_site,
    written_units,
)
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetKind,
    SetWriter,
    enclose_each,
    identifier,
    required,
    sanitize,
    written_day,
)

_SELF: Final = "18"
_CONTACTS_MAX: Final = 1
_BY_TELEPHONE: Final = (("TE",), ("TE", "EX"))
_SUBMITTER_CONTACTS_MAX: Final = 2
_BILLER_CONTACTS_MAX: Final = 2


class Placed(Protocol):
    """A claim, as far as its place in the tree goes."""

    @property
    def billing_provider(self) -> BillingProvider:
        """Return who is paid."""

    @property
    def subscriber(self) -> Subscriber:
        """Return who is insured."""

    @property
    def payer(self) -> Payer:
        """Return who shall pay."""

    @property
    def patient(self) -> Patient | None:
        """Return who was treated, None where it is the subscriber."""


Claim = TypeVar("Claim", bound=Placed)


def write_batches(
    batches: Sequence[Batch[Claim]],
    *,
    guide: str,
    envelope: Envelope,
    first_control_number: int,
    write_claim: Callable[[SetWriter, Claim], None],
) -> bytes:
    """Return one interchange in which each batch is an ST of one group, numbered on. **Errors**: `CannotBeWritten`."""
    if not batches or not all(batch.claims for batch in batches):
        raise CannotBeWritten("a batch has at least one claim")

    def write(out: SetWriter, batch: Batch[Claim]) -> None:
        _header(out, batch, envelope)
        _tree(out, batch.claims, write_claim)

    kind = SetKind(set_id="837", functional_id="HC", guide=guide)
    return enclose_each(batches, write, kind, envelope=envelope, first_control_number=first_control_number)


def _header(out: SetWriter, batch: Batch[Claim], envelope: Envelope) -> None:
    written_at, submitter = envelope.written_at, batch.submitter
    reference = identifier(batch.reference, length_max=50)
    purpose, kind = codes.PURPOSES.checked(batch.purpose), codes.USES.checked(batch.kind)
    out.add("BHT", "0019", purpose, reference, f"{written_at:%Y%m%d}", f"{written_at:%H%M}", kind)
    _submitter(out, submitter)
    receiver_id = identifier(batch.receiver.receiver_id, length_max=80)
    out.add("NM1", "40", "2", required(batch.receiver.name), "", "", "", "", "46", receiver_id)


def _submitter(out: SetWriter, submitter: Submitter) -> None:
    names = (required(submitter.name), sanitize(submitter.first_name), sanitize(submitter.middle_name))
    number = identifier(submitter.submitter_id, length_max=80)
    out.add("NM1", "41", codes.KINDS.checked(submitter.kind), *names, "", "", "46", number)
    numbers = (("TE", submitter.phone), *submitter.numbers) if submitter.phone else submitter.numbers
    if not numbers:
        raise CannotBeWritten("a submitter has a telephone number, or another way to be asked")
    contact = Contact(name=required(submitter.contact_name), numbers=numbers)
    write_people(out, (contact, *submitter.contacts), _SUBMITTER_CONTACTS_MAX)


def _tree(out: SetWriter, claims: tuple[Claim, ...], write_claim: Callable[[SetWriter, Claim], None]) -> None:
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
                    write_claim(out, claim)


def _billing_provider(out: SetWriter, provider: BillingProvider) -> None:
    if provider.taxonomy:
        out.add("PRV", "BI", "PXC", identifier(provider.taxonomy, length_max=50))
    write_biller(out, provider)
    write_site(out, provider.address)
    out.add("REF", codes.TAX_IDS.checked(provider.tax_id_qualifier), codes.TAX_ID.checked(provider.tax_id))
    write_references(out, provider.references, codes.BILLER_NUMBERS)
    write_people(out, provider.contacts, _BILLER_CONTACTS_MAX)
    if provider.pay_to_address:
        out.add("NM1", "87", kind_of(provider))
        write_address(out, provider.pay_to_address, whole=True)
    if provider.pay_to_plan:
        _plan(out, provider.pay_to_plan)


def _plan(out: SetWriter, plan: PayToPlan) -> None:
    qualifier, number = codes.PAYER_IDS.checked(plan.plan_id_qualifier), identifier(plan.plan_id, length_max=80)
    out.add("NM1", "PE", codes.ORGANISATION, required(plan.name), "", "", "", "", qualifier, number)
    write_address(out, plan.address, whole=True)
    write_references(out, plan.references, codes.PLAN_NUMBERS)
    out.add("REF", "EI", codes.TAX_ID.checked(plan.tax_id))


def _subscriber(out: SetWriter, subscriber: Subscriber, payer: Payer, *, is_patient: bool) -> None:
    out.add(
        "SBR",
        codes.RESPONSIBILITIES.checked(subscriber.responsibility),
        _SELF if is_patient else "",
        *insured_group(subscriber),
        codes.INSURANCE_TYPE.checked_if_any(subscriber.insurance_type),
        "",
        "",
        "",
        codes.CLAIM_FILING.checked(subscriber.claim_filing),
    )
    if subscriber.condition:
        if not is_patient:
            raise CannotBeWritten("only of a patient is it said how they are")
        out.add("PAT", "", *_condition(subscriber.condition))
    write_insured(out, subscriber.kind, subscriber.name, subscriber.member_id_qualifier, subscriber.member_id)
    if is_patient and (subscriber.address is None or subscriber.birth_on is None):
        raise CannotBeWritten("a subscriber who is the patient has an address and a birth date")
    write_address(out, subscriber.address, whole=True)
    if subscriber.birth_on:
        out.add("DMG", "D8", written_day(subscriber.birth_on), codes.SEXES.checked(subscriber.sex))
    elif subscriber.sex:
        raise CannotBeWritten("the sex of a subscriber stands beside a birth date")
    if subscriber.references or subscriber.contacts:
        write_references(out, subscriber.references, codes.INSURED_NUMBERS)
        _casualty_contact(out, subscriber.contacts)
    write_payer(out, payer)
    if payer.references:
        write_references(out, payer.references, codes.PAYER_NUMBERS)


def _patient(out: SetWriter, patient: Patient) -> None:
    condition = _condition(patient.condition) if patient.condition else ()
    out.add("PAT", codes.DEPENDENTS.checked(patient.relationship), *condition)
    write_person(out, "QC", patient.name)
    if patient.address is None or patient.birth_on is None:
        raise CannotBeWritten("a patient has an address and a birth date")
    write_address(out, patient.address, whole=True)
    out.add("DMG", "D8", written_day(patient.birth_on), codes.SEXES.checked(patient.sex))
    write_references(out, patient.references, codes.PATIENT_NUMBERS)
    _casualty_contact(out, patient.contacts)


def _condition(found: PatientCondition) -> tuple[str, ...]:
    """Return PAT02 to PAT09. **Errors**: `CannotBeWritten`."""
    died_on, weight = written_day(found.died_on), found.weight_pounds
    if weight is not None and not weight:
        raise CannotBeWritten("a patient weighs something")
    died = ("D8", died_on) if died_on else ("", "")
    weighs = ("01", written_units(weight)) if weight is not None else ("", "")
    return ("", "", "", *died, *weighs, "Y" if found.is_pregnant else "")


def _casualty_contact(out: SetWriter, contacts: tuple[Contact, ...]) -> None:
    """Append whom to ask about a casualty: by telephone, perhaps with an extension. **Errors**: `CannotBeWritten`."""
    for contact in contacts:
        if tuple(kind for kind, _ in contact.numbers) not in _BY_TELEPHONE:
            raise CannotBeWritten("a contact of an insured has a telephone number (TE), perhaps an extension (EX)")
    write_people(out, contacts, _CONTACTS_MAX)
