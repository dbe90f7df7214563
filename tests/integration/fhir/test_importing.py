"""The whole import against registration and coding themselves, run in memory."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import services.coding.main as coding_main
import services.registration.main as registration_main
from apps.cli.fhir.importing import import_fhir
from apps.cli.fhir.over_http import HttpServices
from apps.cli.fhir.records import ImportReport
from services.coding.settings import Settings as CodingSettings
from services.registration.settings import Settings as RegistrationSettings
from shared.clients.coding import CodingClient
from shared.clients.registration import RegistrationClient
from tests.support.memory import Running, running
from tests.unit.apps.cli.fhir.resources import (
    Resource,
    clinic,
    concept,
    condition,
    coverage,
    encounter,
    note,
    patient,
    payer,
    practitioner,
    procedure,
    without,
)
from tests.unit.apps.cli.fhir.test_visits import SYNTHEA

ROOT = Path(__file__).parents[3]
PRACTICE = (payer(), clinic(), practitioner(), patient(), coverage(), encounter(), condition(), procedure(), note())


@dataclass
class Line:
    """Registration and coding, and the way to both."""

    registration: Running
    coding: Running

    @property
    def services(self) -> HttpServices:
        """Return the two services as an import sees them."""
        return HttpServices(RegistrationClient(self.registration.client), CodingClient(self.coding.client))

    async def encounters(self) -> list[Resource]:
        """Return every encounter with what became of it."""
        await self.coding.settle()
        client = CodingClient(self.coding.client)
        return [dict(await client.encounter(each["encounter_id"])) async for each in client.coding_cases()]


@asynccontextmanager
async def _running() -> AsyncIterator[Line]:
    settings = CodingSettings(tables_folder=str(ROOT / "reference"))
    coding = coding_main.service(settings, coding_main.opened(settings))
    async with running(registration_main.service(RegistrationSettings())) as registration, running(coding) as coded:
        yield Line(registration, coded)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with _running() as found:
        yield found


def _written(tmp_path: Path, *resources: Resource) -> Path:
    path = tmp_path / "practice.ndjson"
    path.write_text("".join(json.dumps(each) + "\n" for each in resources))
    return path


def _reasons(report: ImportReport) -> list[str]:
    return [f"{each.place} {each.resource_type}: {each.reason}" for each in report.failed]


async def test_brings_a_visit_with_everything_that_belongs_to_it(line: Line, tmp_path: Path) -> None:
    report = await import_fhir(_written(tmp_path, *reversed(PRACTICE)), line.services)
    (found,) = await line.encounters()

    assert report.failed == ()
    assert report.created == {"Organization": 2, "Practitioner": 1, "Patient": 1, "Coverage": 1, "Encounter": 1}
    assert (found["service_from_on"], found["place_of_service"], found["state"]) == ("2026-10-01", "11", "coded")
    assert found["rendering_provider_id"] is not None
    assert found["billing_provider_id"] is not None
    assert len(found["coverage_ids"]) == 1
    assert found["has_note"]
    assert found["codes"]["lines"][0]["pointers"] == [1]


async def test_adds_nothing_the_second_time(line: Line, tmp_path: Path) -> None:
    path = _written(tmp_path, *PRACTICE)
    first = await import_fhir(path, line.services)
    facts = len(await line.coding.facts()), len(await line.registration.facts())
    second = await import_fhir(path, line.services)

    assert second.created == {}
    assert second.existing == first.created
    assert (len(await line.coding.facts()), len(await line.registration.facts())) == facts


async def test_reports_bad_resources_and_takes_the_rest(line: Line, tmp_path: Path) -> None:
    path = _written(tmp_path, *PRACTICE, patient(id="p2", birthDate="soon"), practitioner(id="bob", identifier=[]))
    with path.open("a") as file:
        file.write("{broken\n")
    report = await import_fhir(path, line.services)

    assert _reasons(report) == [
        "practice.ndjson:10 Patient: not FHIR R4: birthDate (value_error)",
        "practice.ndjson:11 Practitioner: an NPI is missing",
        "practice.ndjson:12 : this is not JSON",
    ]
    assert report.created["Encounter"] == 1
    assert sum(report.read.values()) == 12


async def test_takes_the_same_twice_and_reports_a_contradiction(line: Line, tmp_path: Path) -> None:
    report = await import_fhir(
        _written(tmp_path, *PRACTICE, practitioner(), patient(birthDate="1971-01-01")), line.services
    )

    assert report.left_out == {"Practitioner": 1}
    assert _reasons(report) == ["practice.ndjson:11 Patient: another resource has this id and other content"]


async def test_reports_what_a_service_refuses(line: Line, tmp_path: Path) -> None:
    stranger = patient(id="p2", name=[{"family": "Other", "given": ["Eve"]}])  # with the first one's record number
    report = await import_fhir(
        _written(tmp_path, *PRACTICE, stranger, encounter(id="e2", subject={"reference": "Patient/p2"})), line.services
    )

    assert len(report.failed) == 2
    assert _reasons(report)[0].startswith("practice.ndjson:10 Patient: name-taken")
    assert _reasons(report)[1] == "practice.ndjson:11 Encounter: the patient was not imported"


@pytest.mark.parametrize(
    "bad",
    [
        without(coverage(), "order"),
        coverage(payor=[{"reference": "Organization/unknown"}]),
        coverage(relationship=concept("urn:r", "child"), subscriber={"reference": "RelatedPerson/unknown"}),
        coverage(period={"start": "2026-06-01", "end": "2026-01-01"}),
    ],
    ids=["not mappable", "payer unknown", "subscriber unknown", "refused by registration"],
)
async def test_makes_nobody_a_self_payer_by_a_bad_coverage(line: Line, tmp_path: Path, bad: Resource) -> None:
    report = await import_fhir(
        _written(tmp_path, payer(), clinic(), practitioner(), patient(), bad, encounter()), line.services
    )

    assert [each.resource_type for each in report.failed] == ["Coverage", "Encounter"]
    assert await line.encounters() == []


async def test_names_the_subscriber_who_is_a_relative(line: Line, tmp_path: Path) -> None:
    relative = {
        "resourceType": "RelatedPerson",
        "id": "r1",
        "patient": {"reference": "Patient/p1"},
        **{name: patient()[name] for name in ("name", "gender", "birthDate", "address")},
    }
    insured = coverage(relationship=concept("urn:r", "spouse"), subscriber={"reference": "RelatedPerson/r1"})
    report = await import_fhir(_written(tmp_path, payer(), patient(), insured, relative), line.services)

    assert report.failed == ()
    assert report.created["Coverage"] == 1


async def test_shows_how_far_it_is(line: Line, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    await import_fhir(
        _written(tmp_path, *PRACTICE),
        line.services,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )

    assert seen[0] == ("read", 9, 0)
    assert seen[-1] == ("encounters", 1, 1)
    assert {stage for stage, _, _ in seen} == {"read", "payers and providers", "patients", "coverages", "encounters"}


async def test_reports_what_a_service_knows_otherwise(line: Line, tmp_path: Path) -> None:
    await import_fhir(_written(tmp_path, *PRACTICE), line.services)
    ends = coverage(period={"start": coverage()["period"]["start"], "end": "2026-12-31"})
    moved = patient(address=[{**patient()["address"][0], "line": ["9 Oak St"]}])
    second = await import_fhir(_written(tmp_path, *PRACTICE[:3], moved, *PRACTICE[4:]), line.services)
    third = await import_fhir(_written(tmp_path, *PRACTICE[:4], ends, *PRACTICE[5:]), line.services)

    assert _reasons(second)[0].startswith("practice.ndjson:4 Patient: patient-differs")
    assert _reasons(third)[0].startswith("practice.ndjson:5 Coverage: coverage-differs")
    assert (second.created, third.created) == ({}, {})


async def test_knows_all_of_the_sample_practice_the_second_time(line: Line) -> None:
    first = await import_fhir(ROOT / "samples" / "practice", line.services)
    second = await import_fhir(ROOT / "samples" / "practice", line.services)

    assert (second.failed, second.created, second.existing) == ((), {}, first.created)


async def test_takes_the_sample_practice_whole(line: Line) -> None:
    report = await import_fhir(ROOT / "samples" / "practice", line.services)
    states = [each["state"] for each in await line.encounters()]

    assert report.failed == ()
    assert report.created["Encounter"] == len(states) == 300
    assert states.count("coded") == 282
    assert states.count("waiting-for-coder") == 18


async def test_takes_a_real_export_and_loses_no_visit(line: Line) -> None:
    if not SYNTHEA.exists():
        pytest.skip("the sample export is not beside the repository")
    report = await import_fhir(SYNTHEA, line.services)
    encounters = await line.encounters()

    assert report.created == {"Patient": 13, "Encounter": 1_215}
    assert {each.resource_type for each in report.failed} == {"Organization", "Practitioner"}
    assert report.left_out == {"MedicationRequest": 1_745, "AllergyIntolerance": 11}
    assert len(encounters) == 1_215
    assert {each["state"] for each in encounters} == {"refused", "waiting-for-coder"}
    assert all(each["reasons"] for each in encounters)
    assert sum(len(each["procedures"]) for each in encounters) == 2_056
