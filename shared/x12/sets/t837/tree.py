"""The tree of an 837 as bytes: header, who is paid, who is insured, who was treated; claims hang below.

Consecutive claims with the same billing provider share its level, with the same subscriber and payer theirs: who wants
the smallest file sorts first; the order given is the order written. Owns: loops 1000 to 2010. Next: the `writing.py`
of the set, which writes the claim. **Source**: 005010X222A1 and 005010X223A2.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, Protocol, TypeVar

from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.parties import BillingProvider, Patient, Payer, Receiver, Submitter, Subscriber
from shared.x12.sets.t837.writing import write_address, write_named, write_payer, write_person, write_site
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
Claim_co = TypeVar("Claim_co", bound=Placed, covariant=True)


class Batch(Protocol[Claim_co]):
    """The claims of one ST with their header."""

    @property
    def submitter(self) -> Submitter:
        """Return who sends."""

    @property
    def receiver(self) -> Receiver:
        """Return who receives."""

    @property
    def reference(self) -> str:
        """Return what a 277CA calls the batch."""

    @property
    def claims(self) -> tuple[Claim_co, ...]:
        """Return the claims in their order."""


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
    out.add("BHT", "0019", "00", reference, f"{written_at:%Y%m%d}", f"{written_at:%H%M}", "CH")
    submitter_id = identifier(submitter.submitter_id, length_max=80)
    out.add("NM1", "41", "2", required(submitter.name), "", "", "", "", "46", submitter_id)
    out.add("PER", "IC", required(submitter.contact_name), "TE", identifier(submitter.phone, length_max=256))
    receiver_id = identifier(batch.receiver.receiver_id, length_max=80)
    out.add("NM1", "40", "2", required(batch.receiver.name), "", "", "", "", "46", receiver_id)


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
    write_named(out, "85", provider.name, provider.npi, first_name=provider.first_name)
    write_site(out, provider.address)
    out.add("REF", codes.TAX_IDS.checked(provider.tax_id_qualifier), codes.TAX_ID.checked(provider.tax_id))
    if provider.pay_to_address:
        out.add("NM1", "87", "1" if provider.first_name else "2")
        write_address(out, provider.pay_to_address)


def _subscriber(out: SetWriter, subscriber: Subscriber, payer: Payer, *, is_patient: bool) -> None:
    out.add(
        "SBR",
        codes.RESPONSIBILITIES.checked(subscriber.responsibility),
        _SELF if is_patient else "",
        identifier(subscriber.group_number, length_max=50, required=False),
        "" if subscriber.group_number else sanitize(subscriber.group_name),
        codes.INSURANCE_TYPE.checked_if_any(subscriber.insurance_type),
        "",
        "",
        "",
        codes.CLAIM_FILING.checked(subscriber.claim_filing),
    )
    write_person(out, "IL", subscriber.name, member_id=subscriber.member_id)
    if is_patient and (subscriber.address is None or subscriber.birth_on is None):
        raise CannotBeWritten("a subscriber who is the patient has an address and a birth date")
    if subscriber.address:
        write_address(out, subscriber.address)
    if subscriber.birth_on:
        out.add("DMG", "D8", written_day(subscriber.birth_on), codes.SEXES.checked(subscriber.sex))
    elif subscriber.sex:
        raise CannotBeWritten("the sex of a subscriber stands beside a birth date")
    write_payer(out, payer)


def _patient(out: SetWriter, patient: Patient) -> None:
    out.add("PAT", codes.DEPENDENTS.checked(patient.relationship))
    write_person(out, "QC", patient.name)
    if patient.address is None or patient.birth_on is None:
        raise CannotBeWritten("a patient has an address and a birth date")
    write_address(out, patient.address)
    out.add("DMG", "D8", written_day(patient.birth_on), codes.SEXES.checked(patient.sex))
