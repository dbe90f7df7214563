"""`services/claims/domain/claim_837.py`: claims as bytes, judged by pyx12 and read back; all people are synthetic."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final, Literal

import msgspec
import pytest

from services.claims.domain.claim_837 import (
    BillingProviderIncomplete,
    ClaimToSend,
    PatientAddressMissing,
    PersonalDataErased,
    RenderingProviderIncomplete,
    Sender,
    patient_control_number_of,
    professional_claim,
    why_not,
    write,
)
from services.claims.domain.parties import Authorization, Coverage, Patient
from services.claims.projections import coverages, patients, payers, providers
from shared.events.claims import ClaimLine, PricedLine
from shared.events.registration import ProviderAdded
from shared.kernel.erased import ERASED, Erased
from shared.kernel.person import Address, PersonName, Subscriber
from shared.x12.sets.t837p_x222a1 import read_837p
from tests.support.x12_oracles import pyx12_check
from tests.unit.claims.examples import BILLER, COVERAGE, DOCTOR, ON, PATIENT, PAYER

WRITTEN_AT: Final = datetime(2026, 3, 10, 11, tzinfo=UTC)
SENDER: Final = Sender(
    submitter_id="CLAIMLOG",
    submitter_name="CLAIMLOG PRACTICE",
    contact_name="BILLING OFFICE",
    contact_phone="8135550100",
    receiver_id="CLEARINGHOUSE",
    receiver_name="EXAMPLE CLEARINGHOUSE",
    usage="T",
)
LINE: Final = ClaimLine(
    line_no=1,
    line_control_number="L1",
    procedure_code="99213",
    modifiers=("25",),
    units=1,
    pointers=(1, 2),
    service_from_on=ON,
    service_to_on=ON,
)
SELF: Final = coverages.apply(None, COVERAGE)
ADA: Final = patients.apply(None, PATIENT)
CLAIM: Final = ClaimToSend(
    claim_id="K-1",
    submission_id="S-1",
    coding_version=1,
    diagnoses=("E119", "I10"),
    lines=(
        LINE,
        ClaimLine(
            line_no=2,
            line_control_number="L2",
            procedure_code="97110",
            modifiers=(),
            units=3,
            pointers=(2,),
            service_from_on=ON,
            service_to_on=date(2026, 3, 5),
        ),
    ),
    priced=(
        PricedLine(line_no=1, line_control_number="L1", charge_cents=150_00),
        PricedLine(line_no=2, line_control_number="L2", charge_cents=99_99),
    ),
    place_of_service="11",
    patient=ADA,
    coverage=SELF,
    payer=payers.apply(None, PAYER),
    billing_provider=providers.apply(None, BILLER),
    rendering_provider=providers.apply(None, DOCTOR),
)
MOTHER: Final = Subscriber(
    name=PersonName(family="Sample", given="Bea"),
    birth_on=date(1950, 1, 2),
    sex="female",
    address=Address(line="2 Oak St", city="Tampa", state="FL", zip="336020002"),
)
CHILD: Final = replace(SELF, relationship="child", subscriber=MOTHER, group_number="GRP1")


def dependent(number: int) -> ClaimToSend:
    return replace(CLAIM, submission_id=f"S-{number}", coverage=CHILD)


def test_writes_a_claim_that_pyx12_finds_valid_and_reads_it_back() -> None:
    written = write((CLAIM,), sender=SENDER, number=12, written_at=WRITTEN_AT)

    ((claim,),) = (batch.claims for batch in read_837p(written.content))
    assert pyx12_check(written.content.decode()).errors == ()
    assert written.places == (("S-1", "0001"),)
    assert claim == professional_claim(replace(CLAIM)) or claim.patient_control_number == patient_control_number_of(
        "S-1"
    )
    assert (claim.charge_cents, claim.diagnoses, claim.place_of_service) == (249_99, ("E119", "I10"), "11")
    assert [
        (line.procedure, line.modifiers, int(line.units), line.pointers, line.charge_cents, line.line_control_number)
        for line in claim.lines
    ] == [("99213", ("25",), 1, (1, 2), 150_00, "L1"), ("97110", (), 3, (2,), 99_99, "L2")]
    assert [(line.service_from, line.service_to) for line in claim.lines] == [(ON, ON), (ON, date(2026, 3, 5))]
    assert (claim.subscriber.member_id, claim.subscriber.birth_on, claim.patient) == (
        "PAID0001",
        PATIENT.birth_on,
        None,
    )


def consent(number: str | Erased) -> Authorization:
    return Authorization(authorization_id="U-1", number=number)


@pytest.mark.parametrize(
    ("by_line", "of_claim", "of_lines"),
    [
        ({}, "", ["", ""]),
        ({1: consent("AUTH0001"), 2: consent("AUTH0001")}, "AUTH0001", ["", ""]),
        ({2: consent("AUTH0002")}, "AUTH0002", ["", ""]),
        ({1: consent("AUTH0001"), 2: consent("AUTH0002")}, "AUTH0001", ["", "AUTH0002"]),
    ],
    ids=["none", "one for all", "one for one line", "one for each line"],
)
def test_names_the_payers_consent_for_the_claim_and_another_one_with_its_line(
    by_line: dict[int, Authorization], of_claim: str, of_lines: list[str]
) -> None:
    claim = replace(CLAIM, authorizations=by_line)
    written = write((claim,), sender=SENDER, number=12, written_at=WRITTEN_AT)

    ((read,),) = (batch.claims for batch in read_837p(written.content))
    assert pyx12_check(written.content.decode()).errors == ()
    assert read.authorization_number == of_claim
    assert [line.authorization_number for line in read.lines] == of_lines
    assert (b"REF*G1*AUTH0001~" in written.content) is (of_claim == "AUTH0001")


def test_does_not_write_a_claim_whose_consent_was_erased() -> None:
    claim = replace(CLAIM, authorizations={1: consent(ERASED)})

    assert why_not(claim, sender=SENDER, written_at=WRITTEN_AT) == "personal-data-erased"


def test_writes_a_patient_who_is_not_the_insured() -> None:
    written = write((dependent(1),), sender=SENDER, number=12, written_at=WRITTEN_AT)

    ((claim,),) = (batch.claims for batch in read_837p(written.content))
    assert pyx12_check(written.content.decode()).errors == ()
    assert claim.patient
    assert (claim.subscriber.name.first_name, claim.patient.name.first_name, claim.patient.relationship) == (
        "BEA",
        "ADA",
        "19",
    )


def test_writes_a_set_for_each_payer_and_says_where_each_claim_stands() -> None:
    other = replace(CLAIM.payer, payer_id="Y-2", clearinghouse_payer_id="EXHP2")
    claims = (
        CLAIM,
        replace(CLAIM, submission_id="S-2", payer=other),
        dependent(3),
        replace(CLAIM, submission_id="S-4", payer=other, rendering_provider=None),
    )

    written = write(claims, sender=SENDER, number=12, written_at=WRITTEN_AT)

    batches = read_837p(written.content)
    assert pyx12_check(written.content.decode()).errors == ()
    assert [(batch.control_number, batch.group_control_number) for batch in batches] == [("0001", "12"), ("0002", "12")]
    assert {batch.interchange_control_number for batch in batches} == {"000000012"}
    assert dict(written.places) == {"S-1": "0001", "S-3": "0001", "S-2": "0002", "S-4": "0002"}
    assert [claim.patient_control_number for batch in batches for claim in batch.claims] == [
        patient_control_number_of(submission_id) for submission_id, _ in written.places
    ]


def test_writes_the_same_bytes_for_the_same_claims_in_any_order() -> None:
    claims = (CLAIM, dependent(2), replace(CLAIM, submission_id="S-3"))

    contents = {
        write(order, sender=SENDER, number=12, written_at=WRITTEN_AT).content for order in (claims, claims[::-1])
    }

    assert len(contents) == 1


def test_numbers_each_submission_with_17_letters_and_digits_that_say_nothing() -> None:
    numbers = {patient_control_number_of(f"S-{number}") for number in range(1000)}

    assert len(numbers) == 1000
    assert {len(number) for number in numbers} == {17}
    assert all(number.isascii() and number.isalnum() and number.upper() == number for number in numbers)


@pytest.mark.parametrize(
    "patient",
    [
        replace(ADA, name=ERASED),
        replace(ADA, birth_on=ERASED),
        replace(ADA, sex=ERASED),
        replace(ADA, address=ERASED),
    ],
)
@pytest.mark.parametrize("coverage", [SELF, CHILD])
def test_refuses_an_erased_patient(patient: Patient, coverage: Coverage) -> None:
    with pytest.raises(PersonalDataErased):
        professional_claim(replace(CLAIM, patient=patient, coverage=coverage))


@pytest.mark.parametrize(
    "coverage",
    [replace(SELF, member_id=ERASED), replace(SELF, group_number=ERASED), replace(SELF, subscriber=ERASED)],
)
def test_refuses_an_erased_insured(coverage: Coverage) -> None:
    with pytest.raises(PersonalDataErased):
        professional_claim(replace(CLAIM, coverage=coverage))


def test_refuses_what_the_guide_wants_and_nobody_told() -> None:
    with pytest.raises(PatientAddressMissing):
        professional_claim(replace(CLAIM, patient=replace(ADA, address=None)))
    for gap in (
        replace(CLAIM.billing_provider, address=None),
        replace(CLAIM.billing_provider, tax_id=None),
    ):
        with pytest.raises(BillingProviderIncomplete):
            professional_claim(replace(CLAIM, billing_provider=gap))
    with pytest.raises(PersonalDataErased):
        professional_claim(replace(CLAIM, billing_provider=replace(CLAIM.billing_provider, tax_id=ERASED)))


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (CLAIM, None),
        (replace(CLAIM, patient=replace(ADA, name=ERASED)), "personal-data-erased"),
        (replace(CLAIM, coverage=replace(SELF, member_id="A~B")), "x12-cannot-be-written"),
        (replace(CLAIM, diagnoses=tuple(f"E11{number}" for number in range(13))), "x12-cannot-be-written"),
    ],
)
def test_says_why_a_claim_cannot_be_sent(claim: ClaimToSend, reason: str | None) -> None:
    assert why_not(claim, sender=SENDER, written_at=WRITTEN_AT) == reason


@pytest.mark.parametrize(
    "biller",
    [
        msgspec.structs.replace(BILLER, address=Address(line="1 Elm St", city="Tampa", state="FL", zip="33602")),
        msgspec.structs.replace(BILLER, kind="person", given_name=None),
        msgspec.structs.replace(BILLER, kind="person", given_name=""),
    ],
    ids=["short ZIP", "nameless person", "empty name"],
)
def test_refuses_a_biller_that_the_file_would_get_wrong(biller: ProviderAdded) -> None:
    with pytest.raises(BillingProviderIncomplete):
        professional_claim(replace(CLAIM, billing_provider=providers.apply(None, biller)))


def test_refuses_a_person_who_treated_and_would_read_as_an_organization() -> None:
    nameless = providers.apply(None, msgspec.structs.replace(DOCTOR, given_name=None))

    with pytest.raises(RenderingProviderIncomplete):
        professional_claim(replace(CLAIM, rendering_provider=nameless))


@pytest.mark.parametrize(
    ("kind", "given_name", "first_name", "qualifier"),
    [("person", "Ann", "Ann", "SY"), ("organization", None, "", "EI"), ("organization", "Ann", "", "EI")],
)
def test_writes_a_biller_as_what_it_is(
    kind: Literal["person", "organization"], given_name: str | None, first_name: str, qualifier: str
) -> None:
    biller = providers.apply(None, msgspec.structs.replace(BILLER, kind=kind, given_name=given_name))

    written = professional_claim(replace(CLAIM, billing_provider=biller)).billing_provider

    assert (written.first_name, written.tax_id_qualifier) == (first_name, qualifier)
