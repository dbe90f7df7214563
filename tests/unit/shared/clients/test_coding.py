"""`shared/clients/coding.py` against the service itself, in memory; every word of a visit is synthetic."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from services.coding.main import service
from services.coding.settings import Settings
from shared.clients.coding import (
    CodeSystem,
    CodingClient,
    ConditionToDocument,
    Documented,
    EncounterToDocument,
    LineToAssign,
    ProcedureToDocument,
)
from shared.clients.problem import ProblemAnswered
from shared.events.coding import DocumentedCode
from shared.kernel.person import Identifier
from tests.support.memory import Running, running
from tests.unit.coding.tables import EDITION, TABLES

VISIT = EncounterToDocument(
    patient_id="p-1",
    service_from_on=date(2026, 3, 3),
    source_identifier=Identifier(system="urn:example:ehr", value="Encounter/e-1"),
    place_of_service="11",
    rendering_provider_id="v-1",
    billing_provider_id="v-2",
    coverage_ids=(),
    conditions=(ConditionToDocument(text="Acute cough"),),
    procedures=(ProcedureToDocument(codes=(DocumentedCode(system="cpt", code="99213"),)),),
    note="Feels well.",
)
BARE = replace(VISIT, conditions=(ConditionToDocument(text="feels tired"),))


@pytest.fixture
async def coding() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as running_service:
        yield running_service


async def test_documents_a_visit_once_and_sees_it_coded(coding: Running) -> None:
    client = CodingClient(coding.client)
    first = await client.document(VISIT)
    await coding.settle()
    again = await client.document(VISIT)
    encounter = await client.encounter(first.encounter_id)

    assert (first.state, first.created) == ("documented", True)
    assert again == Documented(encounter_id=first.encounter_id, state="coded", created=False)
    assert encounter["codes"]["attribution"] == "exact-title"
    assert await client.note(first.encounter_id) == "Feels well."


async def test_walks_through_the_queue_and_empties_it(coding: Running) -> None:
    client = CodingClient(coding.client)
    for number in range(5):
        source = Identifier(system="urn:example:ehr", value=str(number))
        await client.document(replace(BARE, source_identifier=source))
    await coding.settle()
    queue = [case["encounter_id"] async for case in client.coding_cases(status="open", page_size=2)]
    line = LineToAssign(procedure_code="99213", pointers=(1,))
    assigned = [await client.assign_codes(each, diagnoses=("R05.1",), lines=(line,)) for each in queue]

    assert len(set(queue)) == 5
    assert {each["coding_version"] for each in assigned} == {1}
    assert [case async for case in client.coding_cases(status="open", reason="no-diagnosis-code")] == []
    assert len([case async for case in client.coding_cases()]) == 5


async def test_raises_what_the_service_refuses_with_its_slug(coding: Running) -> None:
    client = CodingClient(coding.client)
    kept = await client.document(BARE)

    with pytest.raises(ProblemAnswered) as refused:
        await client.assign_codes(kept.encounter_id, diagnoses=("R05.1",), lines=())
    assert (refused.value.status, refused.value.slug) == (422, "no-lines")
    assert (await client.code_sets())["items"] == []


async def test_finds_codes_by_words_as_of_a_day(coding: Running) -> None:
    client = CodingClient(coding.client)
    found = await client.codes("icd10cm", "diab without", on=date(2026, 3, 3))
    none = await client.codes("cpt", "99213", on=date(2026, 3, 3), limit=1)

    assert found == {
        "items": [
            {
                "code": "E119",
                "title": "Type 2 diabetes mellitus without complications",
                "is_billable": True,
                "is_in_force": True,
            }
        ],
        "edition": EDITION,
        "reason": None,
    }
    assert none == {"items": [], "edition": None, "reason": "licensed"}


async def test_says_codes_in_words_as_of_a_day_and_leaves_out_what_is_unknown(coding: Running) -> None:
    client = CodingClient(coding.client)
    asked: list[tuple[CodeSystem, str]] = [("icd10cm", "e11.9"), ("icd10cm", "E119"), ("icd10cm", "R05.1")]
    others: list[tuple[CodeSystem, str]] = [("icd10cm", f"Z{n:02}") for n in range(100)]
    found = await client.code_titles([*asked, ("icd10cm", "Q99.9"), ("cpt", "99213"), *others], on=date(2026, 3, 3))
    before = await client.code_titles(asked, on=date(2021, 9, 30))

    assert found["icd10cm", "E119"] == {
        "system": "icd10cm",
        "code": "E119",
        "title": "Type 2 diabetes mellitus without complications",
        "is_billable": True,
        "is_in_force": True,
    }
    assert sorted(code for _, code in found) == ["E119", "R051", *(f"Z{n:02}" for n in range(20))]
    assert [before["icd10cm", code]["is_in_force"] for code in ("E119", "R051")] == [True, False]
    assert await client.code_titles([], on=date(2026, 3, 3)) == {}


@pytest.mark.parametrize("codes", [[], [{"system": "icd10cm", "code": "I10"}] * 101, [{"system": "pos", "code": "11"}]])
async def test_asks_for_one_to_a_hundred_codes(coding: Running, codes: list[dict[str, str]]) -> None:
    refused = await coding.client.post("/v1/code-titles", json={"on": "2026-03-03", "codes": codes})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/malformed-request")


@pytest.mark.parametrize(
    "asked", [{"limit": 51}, {"limit": 0}, {"search": ""}, {"search": "x" * 101}, {"system": "pos"}]
)
async def test_a_question_for_codes_has_limits(coding: Running, asked: dict[str, object]) -> None:
    params = {"system": "icd10cm", "search": "cough", "on": "2026-03-03", **asked}
    refused = await coding.client.get("/v1/codes", params={name: str(value) for name, value in params.items()})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/malformed-request")
