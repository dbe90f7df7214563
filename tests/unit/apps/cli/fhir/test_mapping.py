"""People, payers, providers and coverages as records: what is there is taken, what is not is not made up."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cli.fhir.records import CoverageRecord, Failure, Mapped, PayerRecord, PersonRecord, ProviderRecord
from shared.kernel.person import Address, Identifier, PersonName
from tests.unit.apps.cli.fhir.resources import (
    NPI,
    OURS,
    Resource,
    clinic,
    concept,
    condition,
    coverage,
    encounter,
    failure,
    good,
    note,
    patient,
    payer,
    practitioner,
    procedure,
    records,
    result,
    without,
)


def test_maps_a_patient_without_the_numbers_that_a_claim_does_not_need() -> None:
    assert records(patient()) == (
        PersonRecord(
            name=PersonName(family="Sample", given="Ada", middle="Q"),
            birth_on=date(1970, 5, 15),
            sex="female",
            address=Address(line="1 Elm St", city="Tampa", state="FL", zip="336020001"),
            mrn="MRN-1001",
            source=Identifier(system="urn:example:ehr", value="P-1"),
        ),
    )


def test_knows_a_patient_by_id_where_the_source_gave_no_number() -> None:
    numbers = [each for each in patient()["identifier"] if each["system"] != "urn:example:ehr"]
    (record,) = records(patient(identifier=numbers))

    assert isinstance(record, PersonRecord)
    assert record.source == Identifier(system=f"{OURS}Patient", value="p1")


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (patient(identifier=[]), "a medical record number (type MR) is missing"),
        (patient(birthDate="1970-05"), "a birth date with its day is missing"),
        (patient(name=[{"family": "Sample"}]), "a given name is missing"),
        (without(patient(), "name"), "a name is missing"),
        (practitioner(identifier=[]), "an NPI is missing"),
        (
            practitioner(identifier=[{"system": NPI, "value": "9999974493"}]),
            "the NPI has a wrong length, first or check digit",
        ),
        (clinic(identifier=[]), "neither an NPI nor a payer number: it can neither bill nor pay"),
        (coverage(order=4), "an order of 1, 2 or 3 is missing"),
        (without(coverage(), "order"), "the order of the coverage is missing"),
        (without(coverage(), "subscriberId"), "the subscriber's number is missing"),
        (without(coverage(), "relationship"), "the relationship to the subscriber is missing"),
        (coverage(period={"start": "2026"}), "the first day of the coverage is missing"),
    ],
)
def test_names_what_is_missing(resource: Resource, reason: str) -> None:
    assert failure(resource).reason == reason


def test_says_where_a_resource_is_not_r4_and_never_what_stands_there() -> None:
    bad = failure(patient(birthDate="15 May, secret", gender=["secret"], bogus="secret"))

    assert bad.reason.startswith("not FHIR R4: ")
    assert "birthDate" in bad.reason
    assert "secret" not in bad.reason


def test_counts_faults_beyond_the_first_few() -> None:
    reason = failure(patient(one=1, two=2, three=3, four=4, five=5)).reason

    assert reason.endswith("; and 2 more")


def test_leaves_an_incomplete_or_old_address_out() -> None:
    whole = patient()["address"][0]
    partial = without(whole, "city")
    (incomplete,) = records(patient(address=[partial]))
    (newer,) = records(
        patient(address=[whole | {"use": "old", "city": "Ocala"}, whole | {"line": ["2 Elm St", "Apt 3"]}])
    )

    assert isinstance(incomplete, PersonRecord)
    assert incomplete.address is None
    assert isinstance(newer, PersonRecord)
    assert newer.address == Address(line="2 Elm St", line_2="Apt 3", city="Tampa", state="FL", zip="336020001")


def test_prefers_the_official_name_to_a_former_one() -> None:
    former = {"use": "maiden", "family": "Former", "given": ["Ada"]}
    (record,) = records(patient(name=[former, *patient()["name"]]))

    assert isinstance(record, PersonRecord)
    assert record.name.family == "Sample"


@pytest.mark.parametrize(("gender", "sex"), [("male", "male"), ("other", "unknown"), ("unknown", "unknown")])
def test_knows_the_two_sexes_that_a_claim_can_name(gender: str, sex: str) -> None:
    (record,) = records(patient(gender=gender))

    assert isinstance(record, PersonRecord)
    assert record.sex == sex


def test_maps_a_payer_with_its_limits() -> None:
    extensions = [
        {"url": f"{OURS}claim-filing-indicator", "valueCode": "MC"},
        {"url": f"{OURS}filing-limit-months", "valuePositiveInt": 12},
        {"url": f"{OURS}zone", "valueString": "America/Chicago"},
    ]

    assert records(payer(extension=extensions)) == (
        PayerRecord("Example Plan", "EXHP1", "MC", None, 12, "America/Chicago", None),
    )
    assert records(payer()) == (PayerRecord("Example Plan", "EXHP1", None, None, None, None, None),)


def test_maps_an_organization_that_bills() -> None:
    address = Address(line="100 Main St", city="Miami", state="FL", zip="331110001")

    assert records(clinic()) == (
        ProviderRecord("organization", "1234567893", "Example Clinic", None, "261QP2300X", "00-1234567", address),
    )


def test_maps_an_organization_that_both_pays_and_bills() -> None:
    both = records(clinic(identifier=clinic()["identifier"] + payer()["identifier"]))

    assert [type(each) for each in both] == [PayerRecord, ProviderRecord]


def test_maps_a_clinician() -> None:
    assert records(practitioner()) == (ProviderRecord("person", "1999999208", "Doe", "Ann", "207Q00000X", None, None),)


def test_maps_a_coverage() -> None:
    resource = coverage(
        period={"start": "2026-01-01", "end": "2026-06-30"},
        order=2,
        relationship=concept("urn:r", "child"),
        subscriber={"reference": "RelatedPerson/r1"},
    )

    assert records(resource) == (
        CoverageRecord(
            patient="Patient/p1",
            payer="Organization/payer",
            subscriber="RelatedPerson/r1",
            relationship="child",
            filing_order="secondary",
            member_id="PAID0001",
            group_number="GRP7",
            plan=None,
            effective_from_on=date(2026, 1, 1),
            effective_to_on=date(2026, 6, 30),
        ),
    )


@pytest.mark.parametrize("status", ["cancelled", "draft", "entered-in-error"])
def test_bills_nobody_by_a_coverage_that_is_not_active(status: str) -> None:
    assert records(coverage(status=status)) == ()


def test_ties_a_bad_coverage_to_its_patient() -> None:
    assert failure(without(coverage(), "subscriberId")).belongs_to == ("Patient/p1",)


def test_knows_a_resource_by_all_its_names() -> None:
    names = good(practitioner(), full_url="urn:uuid:ann").names

    assert names.own == "Practitioner/ann"
    assert names.others == ("urn:uuid:ann", f"Practitioner?identifier={NPI}|1999999208")
    assert good(without(practitioner(), "id"), full_url="urn:uuid:ann").names.own == "urn:uuid:ann"


def test_has_nothing_to_say_of_other_types() -> None:
    assert result({"resourceType": "AllergyIntolerance", "id": "a1"}) is None


EVERYTHING = (patient(), payer(), clinic(), practitioner(), coverage(), encounter(), condition(), procedure(), note())
JUNK: tuple[Any, ...] = (
    None,
    1,
    -1.5,
    True,
    "",
    "\x00",
    "2020-02-30",
    10**30,
    [],
    [None],
    [{}],
    {},
    {"coding": [None]},
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 (JSON)
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inside:
        yield (*path, step)
        yield from _places(part, (*path, step))


@given(st.sampled_from(EVERYTHING), st.integers(0, 200), st.sampled_from(JUNK))
def test_maps_or_reports_whatever_is_put_anywhere(resource: Resource, place: int, junk: object) -> None:
    changed: Any = deepcopy(resource)
    places = [each for each in _places(resource) if each != ("resourceType",)]
    *way, last = places[place % len(places)]
    inside = changed
    for step in way:
        inside = inside[step]
    inside[last] = deepcopy(junk)

    assert isinstance(result(changed), Mapped | Failure)
