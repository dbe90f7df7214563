"""`shared/clients/registration.py` against the service itself, in memory. All people are synthetic."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from msgspec import json, to_builtins

from services.registration.main import service
from services.registration.settings import Settings
from shared.clients.problem import ProblemAnswered
from shared.clients.registration import (
    AuthorizationToNote,
    Consent,
    CoverageToAdd,
    Kept,
    PatientToRegister,
    PayerToAdd,
    ProviderToAdd,
    RegistrationClient,
)
from shared.kernel.person import Address, Identifier, PersonName, Subscriber
from tests.support.memory import running

HOME = Address(line="1 Elm St", city="Tampa", state="FL", zip="336020001")
ADA = PatientToRegister(
    mrn="MRN-1001",
    name=PersonName(family="Sample", given="Ada"),
    birth_on=date(1970, 5, 15),
    sex="female",
    address=HOME,
    member_id="PAID0001",
    source_identifier=Identifier(system="urn:example:ehr", value="Patient/p-1"),
)
PLAN = PayerToAdd(payer_name="Example Health Plan", clearinghouse_payer_id="EXHP1", filing_limit_months=12)
CLINIC = ProviderToAdd(kind="organization", npi="1234567893", provider_name="Example Clinic", address=HOME)


@pytest.fixture
async def client() -> AsyncIterator[RegistrationClient]:
    async with running(service(Settings())) as registration:
        yield RegistrationClient(registration.client)


async def test_keeps_everything_once_and_gives_a_repeat_the_same_ids(client: RegistrationClient) -> None:
    patient, payer, clinic = (
        await client.register_patient(ADA),
        await client.add_payer(PLAN),
        await client.add_provider(CLINIC),
    )
    parent = Subscriber(
        name=PersonName(family="Sample", given="Bea"), birth_on=date(1950, 1, 1), sex="female", address=HOME
    )
    card = CoverageToAdd(
        payer_id=payer.id,
        member_id="PAID0001",
        effective_from_on=date(2026, 1, 1),
        relationship="child",
        subscriber=parent,
    )
    coverage = await client.add_coverage(patient.id, card)

    assert all(each.created for each in (patient, payer, clinic, coverage))
    assert await client.register_patient(ADA) == Kept(id=patient.id, created=False)
    assert await client.add_payer(PLAN) == Kept(id=payer.id, created=False)
    assert await client.add_provider(CLINIC) == Kept(id=clinic.id, created=False)
    assert await client.add_coverage(patient.id, card) == Kept(id=coverage.id, created=False)
    assert (await client.patient(patient.id))["coverages"][0]["subscriber"]["name"]["given"] == "Bea"


async def test_finds_what_was_kept(client: RegistrationClient) -> None:
    patient, payer, clinic = (
        await client.register_patient(ADA),
        await client.add_payer(PLAN),
        await client.add_provider(CLINIC),
    )
    named = await client.patient_names([*(f"nobody-{n}" for n in range(600)), patient.id])
    by_mrn = await client.search_patients(mrn="mrn-1001")
    by_number = await client.search_patients(identifier=ADA.source_identifier)
    by_person = await client.search_patients(name=ADA.name, birth_on=ADA.birth_on)

    assert {found[0]["patient_id"] for found in (by_mrn, by_number, by_person)} == {patient.id}
    assert {id_: (each["mrn"], each["name"]["given"]) for id_, each in named.items()} == {
        patient.id: ("MRN-1001", "Ada")
    }
    assert await client.payer_by_clearinghouse_id("exhp1") == payer.id
    assert await client.payer_by_clearinghouse_id("other") is None
    assert await client.provider_by_npi("1234567893") == clinic.id
    assert await client.provider_by_npi("1111111112") is None


async def test_checks_in_once(client: RegistrationClient) -> None:
    patient, clinic = await client.register_patient(ADA), await client.add_provider(CLINIC)
    visit = await client.book_appointment(
        patient_id=patient.id, provider_id=clinic.id, starts_at=datetime(2026, 3, 3, 15, tzinfo=UTC)
    )
    first = await client.check_in(visit.id)

    assert first.coverage_ids == ()
    assert await client.check_in(visit.id) == first


async def test_shows_one_payer_provider_and_visit_by_its_id(client: RegistrationClient) -> None:
    patient = await client.register_patient(ADA)
    payer, provider = await client.add_payer(PLAN), await client.add_provider(CLINIC)
    visit = await client.book_appointment(
        patient_id=patient.id, provider_id=provider.id, starts_at=datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
    )

    assert (await client.payer(payer.id))["payer_name"] == "Example Health Plan"
    assert (await client.provider(provider.id))["npi"] == "1234567893"
    assert (await client.appointment(visit.id))["patient_id"] == patient.id
    assert [each["appointment_id"] for each in await client.appointments(patient_id=patient.id)] == [visit.id]


async def test_registers_many_in_one_request_and_says_of_each_what_came(client: RegistrationClient) -> None:
    key = "a\u2028\x85"  # Unicode calls both the end of a line

    async def lines() -> AsyncIterator[bytes]:
        person = {key: value for key, value in to_builtins(ADA).items() if value is not None}
        yield json.encode({"key": key, **person}) + b"\n"
        yield b'{"key": "b"}\n'

    first, second = [each async for each in client.register_patients(lines())]

    assert (first["key"], first["status"]) == (key, 201)
    assert (second["key"], second["status"]) == ("b", 422)
    assert (await client.patient(first["id"]))["mrn"] == "MRN-1001"


async def test_tracks_authorizations(client: RegistrationClient) -> None:
    patient, payer = await client.register_patient(ADA), await client.add_payer(PLAN)
    card = CoverageToAdd(payer_id=payer.id, member_id="PAID0001", effective_from_on=date(2026, 1, 1))
    coverage = await client.add_coverage(patient.id, card)
    noted = AuthorizationToNote(
        patient_id=patient.id,
        coverage_id=coverage.id,
        procedure_codes=("70551",),
        service_from_on=date(2026, 3, 1),
        service_to_on=date(2026, 3, 31),
        source="eligibility-answer",
    )
    consent = Consent(
        number="AUTH0001", valid_from_on=date(2026, 3, 1), valid_to_on=date(2026, 5, 31), units_approved=2
    )
    first, again, second = [await client.note_authorization(noted, key=key) for key in ("k-1", "k-1", None)]
    assert first == again
    statuses = [
        (await client.request_authorization(first.id, channel="278"))["status"],
        (await client.pend_authorization(first.id, reason="under-review"))["status"],
        (await client.approve_authorization(first.id, consent))["status"],
        (await client.deny_authorization(first.id, reason="withdrawn-by-payer"))["status"],
        (await client.cancel_authorization(second.id, reason="entered-in-error"))["status"],
    ]

    assert statuses == ["requested", "pended", "approved", "denied", "cancelled"]
    assert (await client.authorization(first.id))["number"] == "AUTH0001"
    assert [each["authorization_id"] for each in await client.authorizations(status="denied")] == [first.id]


async def test_raises_what_the_service_refuses_with_its_slug(client: RegistrationClient) -> None:
    kept = await client.register_patient(ADA)
    other = PatientToRegister(mrn=ADA.mrn, name=PersonName(family="Other", given="Person"), birth_on=ADA.birth_on)

    with pytest.raises(ProblemAnswered) as refused:
        await client.register_patient(other)
    assert (refused.value.status, refused.value.slug) == (409, "name-taken")
    assert refused.value.existing == f"patient-{kept.id}"

    with pytest.raises(ProblemAnswered) as missing:
        await client.patient("../nobody?x=1")
    assert missing.value.status == 404
