"""How facts become a scrub subject: looked up as of the right day, with the right clock."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from services.validation.domain.facts import Codes, Encounter, Facts, Patient
from services.validation.domain.rules.cms.npi_registered import NPI_REGISTERED
from services.validation.domain.rules.cms.place_seldom import PLACE_SELDOM
from services.validation.domain.subject import filing_deadline, subject_of
from services.validation.domain.tables import Tables, Told
from shared.codesets import mpfs, nppes
from shared.codesets.edition import TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.library import Library
from shared.codesets.systems import RESTATED
from tests.support.coverage_articles import article, diagnosis, procedure
from tests.unit.shared.codesets import test_nppes
from tests.unit.shared.codesets.fee_schedule_files import row, schedule
from tests.unit.validation.driver import TABLES as SHIPPED
from tests.unit.validation.samples import BILLS, CODED_LINE, INSURED, INSURER, NOW, SERVICE_ON, TREATS
from tests.unit.validation.tables import with_articles

TABLES = Tables(library=Library(RESTATED))
FACTS = Facts(
    codes=Codes(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=1,
        diagnoses=("E119",),
        lines=(CODED_LINE,),
        assigned_at=NOW,
    ),
    encounter=Encounter(
        encounter_id="EN-1",
        patient_id="PT-1",
        service_from_on=SERVICE_ON,
        service_to_on=SERVICE_ON,
        place_of_service="11",
        rendering_provider_id="PR-1",
        billing_provider_id="PR-2",
        coverage_ids=("CV-1",),
    ),
    patient=Patient(patient_id="PT-1", birth_on=date(1970, 5, 15), sex="female", has_address=True),
    coverages=(INSURED,),
    payers=(INSURER,),
    rendering=TREATS,
    billing=BILLS,
)

EARLIER = structs.replace(CODED_LINE, line_no=2, service_from_on=date(2016, 12, 31), service_to_on=date(2016, 12, 31))


def test_looks_every_code_up_as_of_its_day() -> None:
    codes = replace(FACTS.codes, lines=(CODED_LINE, EARLIER))

    made = subject_of(
        replace(FACTS, codes=codes, encounter=replace(FACTS.encounter, place_of_service="02")), TABLES, NOW
    )

    assert made.service_on == date(2016, 12, 31)
    assert made.place_of_service is not None
    assert not isinstance(made.place_of_service.answer, Valid)  # telehealth began on 2017-01-01
    assert [line.service_from_on for line in made.lines] == [SERVICE_ON, date(2016, 12, 31)]


def test_goes_by_the_visit_where_there_are_no_lines() -> None:
    made = subject_of(replace(FACTS, codes=replace(FACTS.codes, lines=())), TABLES, NOW)

    assert made.service_on == SERVICE_ON


def test_knows_a_table_that_is_not_loaded_from_a_code_that_is_not_there() -> None:
    made = subject_of(replace(FACTS, encounter=replace(FACTS.encounter, place_of_service="30")), TABLES, NOW)

    assert isinstance(made.diagnoses[0].answer, TableNotLoaded)
    assert isinstance(made.lines[0].procedure.answer, TableNotLoaded)
    assert made.place_of_service is not None
    assert isinstance(made.place_of_service.answer, UnknownCode)


@pytest.mark.parametrize("kind", ["MB", "16"])
def test_asks_articles_about_the_diagnoses_that_a_line_points_to(kind: str) -> None:
    tables = with_articles(
        {
            "article": (article(1),),
            "article_x_hcpc_code": (procedure(1, CODED_LINE.procedure_code),),
            "article_x_icd10_covered": (diagnosis(1, "I10"),),
            "article_x_icd10_noncovered": (),
            "article_x_contractor": (),
        }
    )
    lines = tuple(structs.replace(CODED_LINE, pointers=pointers) for pointers in ((1,), (2, 1), (3, 0), ()))
    codes = replace(FACTS.codes, diagnoses=("E119", "I10"), lines=lines)
    payer = replace(INSURER, claim_filing_indicator=kind)

    made = subject_of(replace(FACTS, codes=codes, payers=(payer,)), tables, NOW)
    said = [line.necessities for line in made.lines]

    assert [isinstance(each, Told) and each.row[0].met for each in said[:2]] == [False, True]
    assert said[2:] == [None, None]
    assert [made.pointed_to(line) for line in made.lines] == [("E119",), ("I10", "E119"), (), ()]
    assert all(line.necessities is None for line in subject_of(replace(FACTS, codes=codes), tables, NOW).lines)


def test_only_of_a_code_that_cannot_be_billed_it_is_asked_what_took_its_place() -> None:
    made = subject_of(replace(FACTS, codes=replace(FACTS.codes, diagnoses=("E119", "F0391"))), SHIPPED, NOW)

    assert [bool(each.instead) for each in made.diagnoses] == [False, True]
    assert made.diagnoses[1].instead[:2] == ("F03911", "F03918")


def test_counts_the_age_on_the_day_of_service() -> None:
    assert subject_of(FACTS, TABLES, NOW).age_years == 55


def test_has_no_age_once_the_birth_date_is_erased() -> None:
    erased = replace(FACTS, patient=Patient(patient_id="PT-1", birth_on=None, sex=None, has_address=None))

    made = subject_of(erased, TABLES, NOW)

    assert (made.age_years, made.sex) == (None, None)


def test_takes_today_from_the_clock_of_the_payer() -> None:
    late_evening = datetime(2026, 8, 31, 2, tzinfo=UTC)  # in New York it is still 30 August, the last day

    made = subject_of(FACTS, TABLES, late_evening)

    assert (made.today, made.filing_deadline_on, made.filing_days_left) == (date(2026, 8, 30), date(2026, 8, 30), 0)


def test_has_no_deadline_where_the_patient_pays() -> None:
    made = subject_of(replace(FACTS, coverages=(), payers=()), TABLES, NOW)

    assert (made.filing_deadline_on, made.filing_days_left, made.today) == (None, None, date(2026, 3, 10))


@pytest.mark.parametrize(
    ("days", "months", "deadline_on"),
    [
        (180, None, date(2026, 8, 30)),
        (None, 12, date(2027, 3, 3)),
        (365, 6, date(2026, 9, 3)),
        (None, None, None),
    ],
)
def test_counts_days_or_calendar_months(days: int | None, months: int | None, deadline_on: date | None) -> None:
    payer = replace(INSURER, filing_limit_days=days, filing_limit_months=months)

    assert filing_deadline(payer, SERVICE_ON) == (deadline_on, False)


@pytest.mark.parametrize(
    ("service_on", "months", "deadline_on"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
    ],
)
def test_ends_calendar_months_on_the_last_day_of_a_shorter_month(
    service_on: date, months: int, deadline_on: date
) -> None:
    payer = replace(INSURER, filing_limit_days=None, filing_limit_months=months)

    assert filing_deadline(payer, service_on) == (deadline_on, False)


@pytest.mark.parametrize(("service_on", "days"), [(date(2023, 3, 1), 366), (date(2024, 3, 1), 365)])
def test_a_year_of_medicare_is_not_365_days(service_on: date, days: int) -> None:
    payer = replace(INSURER, claim_filing_indicator="MB", filing_limit_days=None)
    deadline_on, _ = filing_deadline(payer, service_on)

    assert deadline_on is not None
    assert (deadline_on - service_on).days == days


@pytest.mark.parametrize("indicator", ["MB", "MC"])
def test_no_master_data_gives_more_time_than_the_law(indicator: str) -> None:
    payer = replace(INSURER, claim_filing_indicator=indicator, filing_limit_days=None, filing_limit_months=24)

    assert filing_deadline(payer, SERVICE_ON) == (date(2027, 3, 3), False)
    assert filing_deadline(replace(payer, claim_filing_indicator="CI"), SERVICE_ON) == (date(2028, 3, 3), False)


@pytest.mark.parametrize(("indicator", "is_ceiling"), [("MB", False), ("MC", True)])
def test_takes_the_limit_of_the_law_where_the_master_data_has_none(indicator: str, is_ceiling: bool) -> None:  # noqa: FBT001 (a column)
    payer = replace(INSURER, claim_filing_indicator=indicator)
    made = subject_of(replace(FACTS, payers=(replace(payer, filing_limit_days=None),)), TABLES, NOW)

    assert (made.filing_deadline_on, made.filing_deadline_is_ceiling) == (date(2027, 3, 3), is_ceiling)
    assert filing_deadline(payer, SERVICE_ON) == (date(2026, 8, 30), False)


def test_names_a_provider_who_treats_and_bills_once() -> None:
    alone = subject_of(replace(FACTS, rendering=BILLS), TABLES, NOW)
    two = subject_of(FACTS, TABLES, NOW)

    assert [each.role for each in alone.registered] == ["billing"]
    assert [role for role, _ in two.taxonomies] == ["rendering", "billing"]


@pytest.mark.parametrize(
    ("place", "in_facility"), [("21", True), ("11", False), ("10", False), ("02", True), ("30", None)]
)
def test_knows_which_places_have_the_rate_of_a_facility(place: str, in_facility: bool | None) -> None:  # noqa: FBT001 (a column)
    made = subject_of(replace(FACTS, encounter=replace(FACTS.encounter, place_of_service=place)), TABLES, NOW)

    assert made.in_facility is in_facility


def test_looks_providers_and_fees_up_where_nothing_is_loaded() -> None:
    made = subject_of(FACTS, TABLES, NOW)

    assert [each.found for each in made.registered] == [TableNotLoaded("nppes", Why.ABSENT)] * 2
    assert [answer.answer for _, answer in made.taxonomies] == [TableNotLoaded("taxonomy", Why.LICENSED)] * 2
    assert made.lines[0].values == TableNotLoaded("mpfs", Why.ABSENT)


def test_judges_by_the_official_files_once_they_are_loaded() -> None:
    on = date(2026, 10, 5)
    line = structs.replace(CODED_LINE, service_from_on=on, service_to_on=on)
    visit = replace(FACTS.encounter, service_from_on=on, service_to_on=on)
    facts = replace(FACTS, encounter=visit, codes=replace(FACTS.codes, lines=(line,)))
    fees, registry = schedule(row("99213", office="NA")), test_nppes.table(test_nppes.DOCTOR, test_nppes.GONE)
    library = TABLES.library.with_table(mpfs.SYSTEM, fees).with_table(nppes.SYSTEM, registry)

    made = subject_of(facts, TABLES.over(library), NOW)

    assert [each.inputs for each in PLACE_SELDOM.findings(made)] == [("99213", "place 11")]
    assert [(each.field, each.severity) for each in NPI_REGISTERED.findings(made)] == [("providers/billing", "error")]
    assert NPI_REGISTERED.findings(made)[0].edition == registry.edition.name
