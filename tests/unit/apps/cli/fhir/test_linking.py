"""References resolved, parts put into their visit, and what is not whole held back."""

from datetime import date

import pytest

from apps.cli.fhir.linking import Directory, Insurance, Visit, coverages_on, linked
from apps.cli.fhir.records import Failure, Mapped, Place
from shared.events.registration import FilingOrder
from tests.unit.apps.cli.fhir.resources import (
    NPI,
    Resource,
    concept,
    condition,
    encounter,
    failure,
    good,
    note,
    patient,
    practitioner,
    procedure,
    without,
)


def _linked(*resources: Resource, failed: tuple[Failure, ...] = ()) -> tuple[tuple[Visit, ...], list[str]]:
    mapped = [good(each, number=number) for number, each in enumerate(resources, start=1)]
    visits, lost = linked(mapped, failed)
    return visits, [f"{each.place.number} {each.resource_type}: {each.reason}" for each in lost]


def _visit(*resources: Resource) -> Visit:
    (visit,), lost = _linked(patient(), *resources)
    assert lost == []
    return visit


@pytest.mark.parametrize(
    "reference",
    [
        "Practitioner/ann",
        "urn:uuid:ann",
        "https://ehr.example/fhir/Practitioner/ann",
        "Practitioner/ann/_history/3",
        f"Practitioner?identifier={NPI}|1999999208",
        "Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C1999999208",
    ],
)
def test_finds_a_resource_by_whatever_it_is_called(reference: str) -> None:
    directory = Directory([good(practitioner(), full_url="urn:uuid:ann")])

    assert directory.find(reference) == "Practitioner/ann"


@pytest.mark.parametrize("reference", ["Practitioner/bob", "Patient/ann", "ann", "", None])
def test_finds_nothing_else(reference: str | None) -> None:
    assert Directory([good(practitioner(), full_url="urn:uuid:ann")]).find(reference) is None


def test_puts_a_visit_together_in_any_order_of_the_file() -> None:
    visit = _visit(note(), procedure(), condition(), encounter(), practitioner())

    assert (visit.patient, visit.rendering, visit.billing) == ("Patient/p1", "Practitioner/ann", None)
    assert [each.text for each in visit.conditions] == ["Type 2 diabetes mellitus without complications"]
    assert [pointers for _, pointers in visit.procedures] == [(1,)]
    assert [each.text for each in visit.notes] == ["Feels well."]


def test_orders_conditions_by_rank_then_as_recorded_and_points_to_them() -> None:
    ranked = [{"condition": {"reference": "Condition/d2"}, "rank": 1}]
    reasons = [{"reference": "Condition/d1"}, {"reference": "Condition/d2"}, {"reference": "Condition/d1"}]
    second = condition(2, code={"text": "second"})
    visit = _visit(
        encounter(diagnosis=ranked), condition(1, code={"text": "first"}), second, procedure(reasonReference=reasons)
    )

    assert [each.text for each in visit.conditions] == ["second", "first"]
    assert visit.procedures[0][1] == (2, 1)


def test_takes_a_condition_of_an_earlier_visit_that_a_service_was_for() -> None:
    earlier = encounter(id="e0", diagnosis=[])
    chronic = condition(1, encounter={"reference": "Encounter/e0"})
    visits, lost = _linked(patient(), earlier, encounter(), chronic, procedure())

    assert lost == []
    assert [len(each.conditions) for each in visits] == [1, 1]
    assert visits[1].procedures[0][1] == (1,)


def test_points_nowhere_where_nothing_is_documented() -> None:
    visit = _visit(encounter(), condition(), procedure(reasonReference=[{"reference": "Condition/unknown"}]))

    assert visit.procedures[0][1] == ()


def test_uses_the_reason_of_the_visit_where_no_condition_is_recorded() -> None:
    reason = [{"text": "Cough"}]

    assert [each.text for each in _visit(encounter(reasonCode=reason)).conditions] == ["Cough"]
    assert len(_visit(encounter(reasonCode=reason), condition()).conditions) == 1


def test_leaves_out_what_does_not_count() -> None:
    refuted = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")
    visit = _visit(encounter(), condition(1, verificationStatus=refuted), condition(2), procedure(status="not-done"))

    assert len(visit.conditions) == 1
    assert visit.procedures == ()


def test_holds_a_visit_back_of_which_a_part_cannot_be_read() -> None:
    bad = failure(without(condition(), "code"))
    visits, lost = _linked(patient(), encounter(), encounter(id="e2"), failed=(bad,))

    assert [each.place.number for each in visits] == [3]
    assert lost == ["2 Encounter: a part of the visit or a coverage of the patient could not be read"]


def test_holds_every_visit_of_a_patient_back_whose_coverage_cannot_be_read() -> None:
    bad = Failure(Place("file.ndjson", 9), "Coverage", "the payor is missing", ("Patient/p1",))
    visits, lost = _linked(patient(), encounter(), encounter(id="e2"), failed=(bad,))

    assert visits == ()
    assert len(lost) == 2


def test_reports_what_refers_to_nothing() -> None:
    visits, lost = _linked(encounter(), condition(encounter={"reference": "Encounter/gone"}))

    assert visits == ()
    assert sorted(lost) == [
        "1 Encounter: the patient is not in this import",
        "2 Condition: the visit is not in this import",
    ]


def test_asks_no_visit_of_a_problem_list() -> None:
    (visit,), lost = _linked(patient(), encounter(), without(condition(), "encounter"))

    assert visit.conditions == ()
    assert lost == []


def _card(number: str, order: FilingOrder = "primary", start: str = "2026-01-01", end: str | None = None) -> Insurance:
    return Insurance(number, order, date.fromisoformat(start), date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        ([], ()),
        ([_card("b", "secondary"), _card("a")], ("a", "b")),
        ([_card("old", start="2025-01-01"), _card("new")], ("new",)),
        ([_card("old", start="2025-01-01", end="2025-12-31"), _card("new", end="2026-10-01")], ("new",)),
        ([_card("ended", end="2026-06-30")], ("ended",)),
        ([_card("ended", end="2026-06-30"), _card("later", start="2026-11-01")], ("ended",)),
        ([_card("later", start="2026-11-01")], ()),
        ([_card("ended", end="2026-06-30"), _card("second", "secondary")], ("second",)),
    ],
    ids=["none", "filing order", "newest", "last day counts", "ended", "ended before later", "later only", "one holds"],
)
def test_bills_the_coverages_of_the_day_or_the_last_card_seen(
    cards: list[Insurance], expected: tuple[str, ...]
) -> None:
    assert coverages_on(date(2026, 10, 1), cards) == expected


def test_reports_a_service_without_a_visit() -> None:
    _, lost = _linked(patient(), encounter(), without(procedure(), "encounter"))

    assert lost == ["3 Procedure: the service names no visit"]


def test_takes_the_same_resource_from_two_files_once() -> None:
    twice: list[Mapped] = [good(practitioner(), number=1), good(practitioner(), number=2)]

    assert Directory(twice).find("Practitioner/ann") == "Practitioner/ann"
