"""Claims to 837P bytes: what claims and registration know, in the words of the guide.

Owns: which of our values stands where, one transaction set per payer, the form of a patient control number. Refuses:
what cannot stand there; a claim with an erased person, or without an address that the guide wants, is not written at
all. **Source**: 005010X222A1; x12.md, sections 3, 5 and 9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby
from typing import Final, Literal

from services.claims.domain.parties import Authorization, Coverage, Patient, Payer, Provider
from shared.events.claims import ClaimLine, PricedLine
from shared.kernel import person
from shared.kernel.erased import Erased
from shared.kernel.errors import Rejected
from shared.x12 import party
from shared.x12.sets import t837p_x222a1 as x12
from shared.x12.writer import Envelope, set_control_number

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: people read these numbers aloud
_NUMBER_LENGTH: Final = 17
_BILLER_ZIP_LENGTH: Final = 9  # N403 of the biller is the full ZIP; of others five digits do
_TAX_ID: Final = {"organization": "EI", "person": "SY"}
_SEX: Final = {"female": "F", "male": "M", "unknown": "U"}
_RELATIONSHIP: Final = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
_RESPONSIBILITY: Final = {"primary": "P", "secondary": "S", "tertiary": "T"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimToSend:
    """A claim with everyone who stands on it. **Shape**: `authorizations` by the line that draws on them."""

    claim_id: str
    submission_id: str
    coding_version: int
    diagnoses: tuple[str, ...]
    lines: tuple[ClaimLine, ...]
    priced: tuple[PricedLine, ...]
    place_of_service: str
    patient: Patient
    coverage: Coverage
    payer: Payer
    billing_provider: Provider
    rendering_provider: Provider | None
    authorizations: Mapping[int, Authorization] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends to whom: as agreed with the clearinghouse."""

    submitter_id: str
    submitter_name: str
    contact_name: str
    contact_phone: str
    receiver_id: str
    receiver_name: str
    usage: Literal["T", "P"]


class PersonalDataErased(Rejected):
    """A person on the claim was erased: nothing can be sent about them any more."""

    slug = "personal-data-erased"


class PatientAddressMissing(Rejected):
    """The guide wants the address of a patient."""

    slug = "patient-address-missing"


class BillingProviderIncomplete(Rejected):
    """The guide wants the tax number of who is paid, an address with a ZIP of nine digits, a person's given name."""

    slug = "billing-provider-incomplete"


class RenderingProviderIncomplete(Rejected):
    """Who treated is a person, and has no given name: without one, the file would say an organization."""

    slug = "rendering-provider-incomplete"


@dataclass(frozen=True, slots=True)
class Written:
    """A file. **Shape**: `places` are (submission id, ST02) of each claim, as in the file."""

    content: bytes
    places: tuple[tuple[str, str], ...]


def patient_control_number_of(submission_id: str) -> str:
    """Return the number of a submission: 17 letters and digits, the most that every payer returns unchanged (RFI 504).

    It follows from the submission and says nothing of a person; 85 bits, and a reserved name besides.
    """
    number = int.from_bytes(sha256(submission_id.encode()).digest())
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_NUMBER_LENGTH))


def professional_claim(claim: ClaimToSend) -> x12.ProfessionalClaim:
    """Return a claim as the guide sees it.

    **Errors**: `PersonalDataErased`, `PatientAddressMissing`, `BillingProviderIncomplete`,
    `RenderingProviderIncomplete`.
    """
    rendering = claim.rendering_provider
    numbers = _authorization_numbers(claim)
    of_claim = next(iter(numbers.values()), "")
    return x12.ProfessionalClaim(
        patient_control_number=patient_control_number_of(claim.submission_id),
        charge_cents=sum(line.charge_cents for line in claim.priced),
        place_of_service=claim.place_of_service,
        billing_provider=_billing_provider(claim.billing_provider),
        subscriber=_subscriber(claim.patient, claim.coverage, claim.payer),
        patient=None if claim.coverage.subscriber is None else _dependent(claim.patient, claim.coverage),
        payer=x12.Payer(name=claim.payer.payer_name, payer_id=claim.payer.clearinghouse_payer_id),
        diagnoses=claim.diagnoses,
        lines=tuple(
            _line(line, priced, "" if (number := numbers.get(line.line_no, "")) == of_claim else number)
            for line, priced in zip(claim.lines, claim.priced, strict=True)
        ),
        authorization_number=of_claim,
        rendering_provider=_rendering_provider(rendering) if rendering else None,
    )


def write(claims: Sequence[ClaimToSend], *, sender: Sender, number: int, written_at: datetime) -> Written:
    """Return one interchange: each payer's claims in a transaction set of their own.

    So one payer's set can be rejected without taking another's claims along. **Shape**: the same claims and number give
    the same bytes; `number` is ISA13 and GS06. **Errors**: as `professional_claim`; `CannotBeWritten`.
    """
    ordered = sorted(claims, key=_file_order)
    by_payer = [tuple(group) for _, group in groupby(ordered, key=lambda claim: claim.payer.payer_id)]
    batches = [_batch(group, sender, f"{number:09d}-{place:04d}") for place, group in enumerate(by_payer, start=1)]
    envelope = Envelope(
        sender_id=sender.submitter_id,
        receiver_id=sender.receiver_id,
        written_at=written_at,
        interchange_control_number=number,
        group_control_number=number,
        usage=sender.usage,
    )
    places = tuple(
        (claim.submission_id, set_control_number(place))
        for place, group in enumerate(by_payer, start=1)
        for claim in group
    )
    return Written(x12.write_837p_sets(batches, envelope=envelope, first_control_number=1), places)


def why_not(claim: ClaimToSend, *, sender: Sender, written_at: datetime) -> str | None:
    """Return the slug of what keeps a claim out of every file, None where nothing does."""
    try:
        write((claim,), sender=sender, number=1, written_at=written_at)
    except Rejected as error:
        return error.slug
    return None


def _file_order(claim: ClaimToSend) -> tuple[str, ...]:
    """Return where a claim stands: next to those with the same payer, biller and insured, which share their loops."""
    return (claim.payer.payer_id, claim.billing_provider.provider_id, claim.coverage.coverage_id, claim.submission_id)


def _batch(claims: tuple[ClaimToSend, ...], sender: Sender, reference: str) -> x12.ClaimBatch:
    return x12.ClaimBatch(
        submitter=x12.Submitter(
            name=sender.submitter_name,
            submitter_id=sender.submitter_id,
            contact_name=sender.contact_name,
            phone=sender.contact_phone,
        ),
        receiver=x12.Receiver(name=sender.receiver_name, receiver_id=sender.receiver_id),
        reference=reference,
        claims=tuple(map(professional_claim, claims)),
    )


def _subscriber(patient: Patient, coverage: Coverage, payer: Payer) -> x12.Subscriber:
    member_id, group_number, other = coverage.member_id, coverage.group_number, coverage.subscriber
    if isinstance(member_id, Erased) or isinstance(group_number, Erased) or isinstance(other, Erased):
        raise PersonalDataErased("the insured was erased")
    insured = other or _patient_as_insured(patient)
    return x12.Subscriber(
        member_id=member_id,
        name=_name(insured.name),
        address=_address(insured.address),
        birth_on=insured.birth_on,
        sex=_SEX[insured.sex],
        group_number=group_number or "",
        claim_filing=payer.claim_filing_indicator,
        responsibility=_RESPONSIBILITY[coverage.filing_order],
    )


def _patient_as_insured(patient: Patient) -> person.Subscriber:
    name, birth_on, sex, address = patient.name, patient.birth_on, patient.sex, patient.address
    if (
        isinstance(name, Erased)
        or isinstance(birth_on, Erased)
        or isinstance(sex, Erased)
        or isinstance(address, Erased)
    ):
        raise PersonalDataErased("the patient was erased")
    if address is None:
        raise PatientAddressMissing("the patient has no address")
    return person.Subscriber(name=name, birth_on=birth_on, sex=sex, address=address)


def _dependent(patient: Patient, coverage: Coverage) -> x12.Patient:
    known = _patient_as_insured(patient)
    return x12.Patient(
        name=_name(known.name),
        address=_address(known.address),
        birth_on=known.birth_on,
        sex=_SEX[known.sex],
        relationship=_RELATIONSHIP[coverage.relationship],
    )


def _billing_provider(provider: Provider) -> x12.BillingProvider:
    if isinstance(provider.tax_id, Erased):
        raise PersonalDataErased("the biller was erased")
    if provider.tax_id is None or provider.address is None:
        raise BillingProviderIncomplete("the biller has no address or no tax number")
    if len(provider.address.zip) != _BILLER_ZIP_LENGTH:
        raise BillingProviderIncomplete("the biller's ZIP has not nine digits")
    if provider.kind == "person" and not provider.given_name:
        raise BillingProviderIncomplete("the biller is a person, and has no given name")
    return x12.BillingProvider(
        name=provider.provider_name,
        first_name=_first_name(provider),
        npi=provider.npi,
        tax_id=provider.tax_id,
        tax_id_qualifier=_TAX_ID[provider.kind],
        address=_address(provider.address),
        taxonomy=provider.taxonomy or "",
    )


def _first_name(provider: Provider) -> str:
    """Return what makes a provider a person in the file: an organization has none, whatever registration noted."""
    return (provider.given_name or "") if provider.kind == "person" else ""


def _rendering_provider(provider: Provider) -> x12.Provider:
    if provider.kind == "person" and not provider.given_name:
        raise RenderingProviderIncomplete("who treated is a person, and has no given name")
    return x12.Provider(
        last_name=provider.provider_name,
        first_name=_first_name(provider),
        npi=provider.npi,
        taxonomy=provider.taxonomy or "",
    )


def _name(name: person.PersonName) -> party.PersonName:
    return party.PersonName(last_name=name.family, first_name=name.given, middle_name=name.middle or "")


def _address(address: person.Address) -> party.Address:
    return party.Address(
        line=address.line, line_2=address.line_2 or "", city=address.city, state=address.state, postal_code=address.zip
    )


def _authorization_numbers(claim: ClaimToSend) -> dict[int, str]:
    """Return the payer's number of its consent by line, in the order of lines.

    The first stands for the claim (2300), another one with its line (2400): a claim has a place for one.
    """
    numbers: dict[int, str] = {}
    for line in claim.lines:
        authorization = claim.authorizations.get(line.line_no)
        if authorization is None:
            continue
        if isinstance(authorization.number, Erased):
            raise PersonalDataErased("the number of the payer's consent was erased")
        numbers[line.line_no] = authorization.number
    return numbers


def _line(line: ClaimLine, priced: PricedLine, authorization_number: str) -> x12.ServiceLine:
    return x12.ServiceLine(
        procedure=line.procedure_code,
        charge_cents=priced.charge_cents,
        units=Decimal(line.units),
        pointers=line.pointers,
        service_from=line.service_from_on,
        service_to=line.service_to_on,
        line_control_number=line.line_control_number,
        modifiers=line.modifiers,
        authorization_number=authorization_number,
    )
