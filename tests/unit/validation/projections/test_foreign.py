"""What we keep of other services' facts: little, and nothing that names a person."""

from dataclasses import fields
from datetime import date
from functools import reduce

import pytest
from msgspec import json, structs

from services.validation.domain.facts import Patient
from services.validation.main import service
from services.validation.projections import (
    coded_days,
    codes,
    coverages,
    days,
    encounters,
    patient_authorizations,
    patient_coverages,
    patient_years,
    patients,
    procedure_years,
    providers,
    submissions,
)
from services.validation.projections.submissions import SubmissionEvent
from services.validation.settings import Settings
from shared.events.coding import CodesAssigned
from shared.events.registration import AuthorizationEvent
from shared.kernel.erased import ERASED, Erased
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import (
    ADDRESS,
    ASKED,
    BILLING,
    CANCELLED,
    CODED_LINE,
    CONSENTED,
    COVERAGE,
    ENCOUNTER,
    NEEDED,
    PATIENT,
    PENDED,
    REFUSED,
    REJECTED,
    SUBMITTED,
    assigned,
)


def test_keeps_birth_date_and_sex_of_a_patient_and_whether_there_is_an_address() -> None:
    row = patients.apply(None, PATIENT)

    assert {each.name for each in fields(row)} == {"patient_id", "birth_on", "sex", "has_address"}


def test_keeps_nothing_of_a_patient_whose_key_is_gone() -> None:
    erased = structs.replace(PATIENT, birth_on=ERASED, sex=ERASED, address=ERASED)

    assert patients.apply(None, erased) == Patient(patient_id="PT-1", birth_on=None, sex=None, has_address=None)


def test_keeps_no_words_of_the_documentation() -> None:
    written = structs.replace(ENCOUNTER, note="Feels well.", condition_texts=("Diabetes",), procedure_texts=("Visit",))

    assert encounters.apply(None, written) == encounters.apply(None, ENCOUNTER)


def test_keeps_every_day_that_was_ever_coded_in_any_order() -> None:
    later = structs.replace(CODED_LINE, line_no=2, service_from_on=date(2026, 3, 4), service_to_on=date(2026, 3, 4))
    sets = (assigned("E119"), assigned("E119", coding_version=2, lines=(later,)))

    rows = [reduce(coded_days.apply, order, None) for order in (sets, tuple(reversed(sets)))]

    assert rows == [coded_days.CodedDays(patient_id="PT-1", days=(date(2026, 3, 3), date(2026, 3, 4)))] * 2


def test_keeps_the_higher_coding_version_whichever_came_last() -> None:
    older, newer = assigned("E11"), assigned("E119", coding_version=2)

    assert codes.apply(codes.apply(None, newer), older) == codes.apply(codes.apply(None, older), newer)


def test_keeps_diagnoses_in_their_order() -> None:
    shuffled = structs.replace(assigned("E119", "I10"), diagnoses=assigned("E119", "I10").diagnoses[::-1])

    assert codes.apply(None, shuffled).diagnoses == ("E119", "I10")


MOVED = structs.replace(CODED_LINE, line_no=2, service_from_on=date(2026, 3, 4), service_to_on=date(2026, 3, 4))


def test_a_day_names_the_encounters_that_were_coded_on_it_whichever_came_first() -> None:
    first = assigned("E119", lines=(CODED_LINE, MOVED))
    second = structs.replace(assigned("E119"), encounter_id="EN-2")

    assert days.keys(first) == ("PT-1/2026-03-03", "PT-1/2026-03-04")
    assert days.keys(second) == ("PT-1/2026-03-03",)
    assert days.apply(days.apply(None, first), second) == days.apply(days.apply(None, second), first)
    assert days.apply(days.apply(None, first), first) == days.Day(encounter_ids=("EN-1",))


def test_a_day_with_too_many_encounters_says_so_and_keeps_the_same_ones_in_any_order() -> None:
    many = [structs.replace(assigned("E119"), encounter_id=f"EN-{number:03}") for number in range(60)]
    forth, back = None, None
    for event in many:
        forth = days.apply(forth, event)
    for event in reversed(many):
        back = days.apply(back, event)

    assert forth == back
    assert forth is not None
    assert (len(forth.encounter_ids), forth.cut) == (days.ENCOUNTERS_MAX, True)


@pytest.mark.parametrize(
    ("facts", "status", "has_consent"),
    [
        ((NEEDED,), "required", False),
        ((NEEDED, ASKED), "requested", False),
        ((NEEDED, ASKED, PENDED), "pended", False),
        ((NEEDED, ASKED, CONSENTED), "approved", True),
        ((NEEDED, ASKED, CONSENTED, REFUSED), "denied", False),
        ((NEEDED, ASKED, CONSENTED, CANCELLED), "cancelled", False),
        ((NEEDED, ASKED, REFUSED, ASKED, CONSENTED), "approved", True),
    ],
)
def test_keeps_how_far_an_authorization_is_and_never_its_number(
    facts: tuple[AuthorizationEvent, ...], status: str, *, has_consent: bool
) -> None:
    row = reduce(patient_authorizations.apply, facts, None)
    assert row is not None
    (known,) = row.authorizations

    assert (known.status, known.consent is not None) == (status, has_consent)
    assert "AUTH0001" not in json.encode(row).decode()
    assert json.decode(json.encode(row), type=type(row)) == row


def test_remembers_every_day_that_an_authorization_ever_spoke_of() -> None:
    wider = structs.replace(CONSENTED, valid_from_on=date(2026, 2, 1), valid_to_on=date(2026, 6, 30))
    facts: tuple[AuthorizationEvent, ...] = (NEEDED, wider, CONSENTED, REFUSED, ASKED)
    row = reduce(patient_authorizations.apply, facts, None)
    assert row is not None

    assert row.authorizations[0].concerned == (date(2026, 2, 1), date(2026, 6, 30))


def test_keeps_authorizations_of_a_patient_in_any_order_and_drops_answers_about_nothing() -> None:
    other = structs.replace(NEEDED, authorization_id="AU-0")
    forth, back = (reduce(patient_authorizations.apply, each, None) for each in ((NEEDED, other), (other, NEEDED)))

    assert forth == back
    assert patient_authorizations.keys(CONSENTED) == ("PT-1",)
    for answer in (CONSENTED, PENDED, REFUSED, CANCELLED):
        assert patient_authorizations.apply(forth, structs.replace(answer, authorization_id="AU-9")) == forth


def of_codes(encounter_id: str, *codes_and_days: tuple[str, date]) -> CodesAssigned:
    lines = tuple(
        structs.replace(CODED_LINE, line_no=at, procedure_code=code, service_from_on=on, service_to_on=on)
        for at, (code, on) in enumerate(codes_and_days, 1)
    )
    return structs.replace(assigned("E119", lines=lines), encounter_id=encounter_id)


def test_a_year_names_who_was_coded_with_a_procedure_that_may_last_and_when() -> None:
    first = of_codes("EN-2", ("99213", date(2026, 3, 3)), ("27447", date(2026, 3, 3)), ("10060", date(2027, 1, 2)))
    second = of_codes("EN-1", ("10060", date(2026, 3, 4)), ("27447", date(2026, 3, 4)))
    rows = [reduce(procedure_years.apply, order, None) for order in ((first, second), (second, first, second))]

    assert procedure_years.keys(first) == ("PT-1/2026", "PT-1/2027")
    assert procedure_years.keys(of_codes("EN-3", ("99213", date(2026, 3, 3)), ("J1885", date(2026, 3, 3)))) == ()
    assert rows[0] == rows[1]
    assert rows[0] is not None
    assert [(str(each.on), each.encounter_id) for each in rows[0].performed] == [
        ("2026-03-03", "EN-2"),
        ("2026-03-04", "EN-1"),
        ("2027-01-02", "EN-2"),
    ]
    assert not rows[0].cut


def test_a_year_with_too_many_procedures_says_so_and_keeps_the_same_ones_in_any_order() -> None:
    many = [of_codes(f"EN-{number:03}", ("27447", date(2026, 3, 3))) for number in range(120)]
    rows = [reduce(procedure_years.apply, order, None) for order in (many, tuple(reversed(many)))]

    assert rows[0] == rows[1]
    assert rows[0] is not None
    assert (len(rows[0].performed), rows[0].cut) == (procedure_years.PROCEDURES_MAX, True)


def test_every_row_comes_back_from_json_as_it_was() -> None:
    row = codes.apply(None, assigned("E119", "I10"))

    assert json.decode(json.encode(row), type=type(row)) == row
    assert {each.name for each in service(Settings(), TABLES).projections if each.source == "foreign"} == {
        "coded_days",
        "codes",
        "coverages",
        "days",
        "encounters",
        "loaded_tables",
        "patient_authorizations",
        "patient_coverages",
        "patient_years",
        "patients",
        "payers",
        "procedure_years",
        "providers",
        "submissions",
    }


def test_keeps_of_a_provider_what_a_claim_wants_to_know_and_no_name_or_number() -> None:
    kept = providers.apply(None, structs.replace(BILLING, address=structs.replace(ADDRESS, zip="33602")))

    assert (kept.has_tax_id, kept.has_given_name, kept.zip_digits) == (True, False, 5)
    assert providers.apply(None, structs.replace(BILLING, tax_id=ERASED)).has_tax_id is None
    assert "587654321" not in repr(kept)


@pytest.mark.parametrize(
    ("group_number", "member_id", "kept"),
    [("GRP0001", "PAID0001", (True, False)), (None, "1EG4TE5MK73", (False, True)), (ERASED, ERASED, (None, None))],
)
def test_keeps_of_a_card_what_its_numbers_look_like(
    group_number: str | Erased | None, member_id: str | Erased, kept: tuple[bool | None, bool | None]
) -> None:
    row = coverages.apply(None, structs.replace(COVERAGE, group_number=group_number, member_id=member_id))

    assert (row.of_group, row.medicare_number) == kept


def test_keeps_all_coverages_of_a_patient_in_any_order() -> None:
    second = structs.replace(COVERAGE, coverage_id="CV-2", filing_order="secondary")
    orders = ((COVERAGE, second), (second, COVERAGE), (COVERAGE, second, COVERAGE))

    rows = [reduce(patient_coverages.apply, order, None) for order in orders]

    assert rows[0] == rows[1] == rows[2]
    assert rows[0] is not None
    assert [each.coverage_id for each in rows[0].coverages] == ["CV-1", "CV-2"]


def test_keeps_the_visits_of_a_year_in_any_order() -> None:
    second = structs.replace(ENCOUNTER, encounter_id="EN-2")

    rows = [reduce(patient_years.apply, order, None) for order in ((ENCOUNTER, second), (second, ENCOUNTER))]

    assert rows[0] == rows[1]
    assert patient_years.keys(second) == ("PT-1/2026",)


@pytest.mark.parametrize(
    ("facts", "under_way"),
    [
        ((SUBMITTED,), True),
        ((SUBMITTED, REJECTED), False),
        ((REJECTED, SUBMITTED), False),
        ((SUBMITTED, REJECTED, structs.replace(SUBMITTED, submission_id="SU-2")), True),
        ((REJECTED,), False),
    ],
)
def test_knows_which_submissions_are_under_way(facts: tuple[SubmissionEvent, ...], *, under_way: bool) -> None:
    row = reduce(submissions.apply, facts, None)

    assert row is not None
    assert row.under_way is under_way
    assert submissions.keys(facts[0]) == ("EN-1",)
