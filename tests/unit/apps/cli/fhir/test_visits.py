"""A visit and its parts as records: local days, codes by our names, and only what counts."""

import json
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from apps.cli.fhir.records import Coding, ConditionRecord, EncounterRecord, NoteRecord, ProcedureRecord
from shared.kernel.person import Identifier
from tests.unit.apps.cli.fhir.resources import (
    CPT,
    ICD10CM,
    OURS,
    SNOMED,
    Resource,
    concept,
    condition,
    encounter,
    failure,
    note,
    procedure,
    records,
    without,
)

SYNTHEA = (
    Path(__file__).parents[5].parent / "shared/data/reference/clinical/synthea_10patients_fhir_notes_Apache-2.0.tgz"
)


def _encounter(resource: Resource) -> EncounterRecord:
    (record,) = records(resource)
    assert isinstance(record, EncounterRecord)
    return record


def _condition(resource: Resource) -> ConditionRecord:
    (record,) = records(resource)
    assert isinstance(record, ConditionRecord)
    return record


def _procedure(resource: Resource) -> ProcedureRecord:
    (record,) = records(resource)
    assert isinstance(record, ProcedureRecord)
    return record


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2020-01-01T23:30:00-05:00", "2020-01-02T00:10:00-05:00", (date(2020, 1, 1), date(2020, 1, 2))),
        ("2020-01-01T00:30:00+13:00", None, (date(2020, 1, 1), date(2020, 1, 1))),
        ("2020-01-01T23:30:00Z", "2020-01-01T23:59:00Z", (date(2020, 1, 1), date(2020, 1, 1))),
        ("2020-01-01", "2020-01-03", (date(2020, 1, 1), date(2020, 1, 3))),
    ],
    ids=["evening in the east", "first hours far east", "universal time", "days"],
)
def test_keeps_the_day_in_the_offset_as_sent(start: str, end: str | None, days: tuple[date, date]) -> None:
    record = _encounter(encounter(period={"start": start} | ({"end": end} if end else {})))

    assert (record.service_from_on, record.service_to_on) == days


def test_keeps_the_day_of_every_visit_of_a_real_export() -> None:
    if not SYNTHEA.exists():
        pytest.skip("the sample export is not beside the repository")
    moved = total = 0
    with tarfile.open(SYNTHEA) as archive:
        lines = archive.extractfile("Encounter.000.ndjson")
        assert lines is not None
        for line in lines:
            resource = json.loads(line)
            start = resource["period"]["start"]
            record = _encounter(resource)
            total += 1
            moved += start[:10] != datetime.fromisoformat(start).astimezone(UTC).isoformat()[:10]
            assert record.service_from_on.isoformat() == start[:10]

    assert (total, moved) == (1_215, 435)


@pytest.mark.parametrize("period", [{}, {"start": "2020"}, {"start": "2020-01"}])
def test_refuses_a_visit_without_a_day(period: Resource) -> None:
    assert failure(encounter(period=period)).reason == "the day of the visit is missing"


@pytest.mark.parametrize("status", ["planned", "in-progress", "cancelled", "entered-in-error"])
def test_refuses_a_visit_that_is_not_finished(status: str) -> None:
    assert failure(encounter(status=status)).reason == "the visit is not finished"


def test_takes_who_rendered_and_who_bills() -> None:
    attender = {"type": [concept("urn:p", "ATND")], "individual": {"reference": "Practitioner/bob"}}
    performer = encounter()["participant"][0]
    unnamed = {"individual": {"reference": "Practitioner/cy"}}

    assert _encounter(encounter(participant=[attender, performer])).rendering == "Practitioner/ann"
    assert _encounter(encounter(participant=[unnamed, attender])).rendering == "Practitioner/bob"
    assert _encounter(encounter(participant=[unnamed])).rendering is None
    assert _encounter(encounter()).billing == "Organization/clinic"
    assert _encounter(without(encounter(), "serviceProvider")).billing is None


def test_takes_the_place_of_service_from_nothing_but_its_code() -> None:
    assert _encounter(encounter()).place_of_service == "11"
    assert _encounter(without(encounter(), "extension")).place_of_service is None


def test_orders_diagnoses_by_rank() -> None:
    ranked = [
        {"condition": {"reference": "Condition/d3"}},
        {"condition": {"reference": "Condition/d2"}, "rank": 2},
        {"condition": {"reference": "Condition/d1"}, "rank": 1},
    ]

    assert _encounter(encounter(diagnosis=ranked)).diagnoses == ("Condition/d1", "Condition/d2", "Condition/d3")


def test_knows_a_visit_again_by_its_number_or_id() -> None:
    numbered = encounter(identifier=[{"system": "urn:example:ehr", "value": "V-1"}])

    assert _encounter(numbered).source == Identifier(system="urn:example:ehr", value="V-1")
    assert _encounter(encounter()).source == Identifier(system=f"{OURS}Encounter", value="e1")


@pytest.mark.parametrize(
    ("system", "code", "coding"),
    [
        (ICD10CM, "e11.9", Coding("icd10cm", "E119")),
        ("urn:oid:2.16.840.1.113883.6.90", "I10", Coding("icd10cm", "I10")),
        (CPT, "99213", Coding("cpt", "99213")),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "j3301", Coding("hcpcs", "J3301")),
        ("http://terminology.hl7.org/CodeSystem/HCPCS-all-codes", "G0439", Coding("hcpcs", "G0439")),
        (SNOMED, "44054006", Coding("snomed", "44054006")),
        ("urn:example:local", "a.1", Coding("urn:example:local", "A.1")),
    ],
)
def test_names_code_systems_and_stores_codes_as_claims_write_them(system: str, code: str, coding: Coding) -> None:
    assert _condition(condition(code=concept(system, code))).codes == (coding,)


def test_leaves_a_local_code_out_that_no_service_can_take() -> None:
    record = _condition(condition(code=concept("urn:example:local", "A/1 ü", "Cough")))

    assert (record.codes, record.text) == ((), "Cough")


def test_takes_words_from_the_text_or_the_display() -> None:
    displayed = {"coding": [{"system": SNOMED, "code": "1"}, {"system": SNOMED, "code": "2", "display": "Cough"}]}

    assert _condition(condition(code={"text": " Dizzy "})).text == "Dizzy"
    assert _condition(condition(code={"text": "Dizzy"})).codes == ()
    assert _condition(condition(code=displayed)).text == "Cough"


def test_leaves_out_what_was_ruled_out() -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"

    assert _condition(condition(verificationStatus=concept(system, "confirmed"))).counts
    assert not _condition(condition(verificationStatus=concept(system, "refuted"))).counts
    assert not _condition(condition(verificationStatus=concept(system, "entered-in-error"))).counts


@pytest.mark.parametrize("status", ["provisional", "differential", "unconfirmed"])
def test_leaves_an_uncertain_diagnosis_to_a_coder_in_words_that_are_no_title(status: str) -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    record = _condition(condition(verificationStatus=concept(system, status)))

    assert record.codes == ()
    assert record.text == f"{status}: Type 2 diabetes mellitus without complications"


def test_refuses_a_condition_that_says_nothing_and_ties_it_to_its_visit() -> None:
    refused = failure(without(condition(), "code"))

    assert refused.reason == "neither a code nor words say what the condition is"
    assert refused.belongs_to == ("Encounter/e1",)


def test_maps_a_service_with_modifiers_and_units() -> None:
    extensions = [
        {"url": f"{OURS}modifier", "valueCode": "25"},
        {"url": f"{OURS}modifier", "valueCode": "rt"},
        {"url": f"{OURS}units", "valuePositiveInt": 3},
    ]

    assert _procedure(procedure(extension=extensions)) == ProcedureRecord(
        encounter="Encounter/e1",
        codes=(Coding("cpt", "99213"),),
        text="",
        modifiers=("25", "RT"),
        units=3,
        reasons=("Condition/d1",),
        service_on=date(2026, 10, 1),
    )


def test_bills_no_service_that_was_not_done() -> None:
    assert not _procedure(procedure(status="not-done")).counts
    assert not _procedure(procedure(status="entered-in-error")).counts
    stopped = _procedure(procedure(status="stopped"))

    assert stopped.counts
    assert stopped.codes == ()


def test_takes_the_day_of_a_service_from_its_period() -> None:
    period = {"start": "2026-10-01T23:50:00-04:00", "end": "2026-10-02T00:10:00-04:00"}

    assert _procedure(without(procedure(), "performedDateTime") | {"performedPeriod": period}).service_on == date(
        2026, 10, 1
    )


def test_reads_the_text_of_a_note() -> None:
    (record,) = records(note())

    assert isinstance(record, NoteRecord)
    assert (record.text, record.encounters) == ("Feels well.", ("Encounter/e1",))
    assert record.written_at == datetime(2026, 10, 2, 13, tzinfo=UTC)


def test_keeps_a_superseded_note_and_no_mistaken_one() -> None:
    kept, mistaken = records(note(status="superseded"))[0], records(note(status="entered-in-error"))[0]

    assert isinstance(kept, NoteRecord)
    assert kept.text == "Feels well."
    assert isinstance(mistaken, NoteRecord)
    assert mistaken.text == ""


def test_leaves_pictures_out_and_refuses_text_that_is_none() -> None:
    (picture,) = records(note(content=[{"attachment": {"contentType": "image/png", "data": "iVBORw=="}}]))

    assert isinstance(picture, NoteRecord)
    assert picture.text == ""
    assert records(note(content=[{"attachment": None}]))[0] == picture
    assert failure(note(data="/w==")).reason == "the attached text is not UTF-8"
    assert failure(note(data="/w==")).belongs_to == ("Encounter/e1",)
