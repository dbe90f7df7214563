"""Which visits fall on days of a procedure of the same physician, and when nobody has to ask."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from services.validation.domain.facts import Codes, Encounter, Facts, OtherLine, Patient
from services.validation.domain.included_visit import (
    NOTHING,
    Included,
    IncludedVisit,
    days_around,
    included_visits,
    is_visit,
    may_last,
)
from shared.codesets.edition import TableNotLoaded, Why
from shared.codesets.mpfs import Found, GlobalPeriod
from shared.codesets.official import Stated
from shared.events.coding import CodedLine
from tests.unit.shared.codesets import reference_data
from tests.unit.shared.codesets.fee_schedule_files import row, schedule
from tests.unit.validation.samples import BILLS, CODED_LINE, NOW, SERVICE, TREATS

SCHEDULE = schedule(
    row("11720", days="000"),
    row("10060", days="010"),
    row("27447", days="090"),
    row("59400", days="MMM"),
    row("97110"),
    stated=Stated(release="example", effective_from=date(2025, 1, 1)),
)
VISIT_ON = date(2026, 3, 3)


def line(code: str, on: date = VISIT_ON, line_no: int = 1) -> CodedLine:
    return structs.replace(CODED_LINE, line_no=line_no, procedure_code=code, service_from_on=on, service_to_on=on)


def facts(*lines: CodedLine, earlier: tuple[OtherLine, ...] = (), same_day: tuple[OtherLine, ...] = ()) -> Facts:
    return Facts(
        codes=Codes(
            encounter_id="EN-1",
            patient_id="PT-1",
            coding_version=1,
            diagnoses=("E119",),
            lines=lines,
            assigned_at=NOW,
        ),
        encounter=Encounter(
            encounter_id="EN-1",
            patient_id="PT-1",
            service_from_on=VISIT_ON,
            service_to_on=VISIT_ON,
            place_of_service="11",
            rendering_provider_id="PR-1",
            billing_provider_id="PR-2",
            coverage_ids=(),
        ),
        patient=Patient(patient_id="PT-1", birth_on=date(1970, 5, 15), sex="female", has_address=True),
        coverages=(),
        payers=(),
        rendering=TREATS,
        billing=BILLS,
        earlier=earlier,
        same_day=same_day,
    )


def elsewhere(code: str, on: date, npi: str = TREATS.npi) -> OtherLine:
    return OtherLine(encounter_id="EN-0", npi=npi, line=line(code, on), taxonomy=TREATS.taxonomy, billing_npi=BILLS.npi)


def procedures(found: Included) -> list[tuple[str, str | None, bool]]:
    return [(each.procedure.code, each.procedure.encounter_id, each.of_group) for each in found.visits]


@pytest.mark.parametrize(
    ("code", "after", "is_included"),
    [
        ("11720", -1, False),
        ("11720", 0, True),
        ("11720", 1, False),
        ("10060", -1, False),
        ("10060", 0, True),
        ("10060", 10, True),
        ("10060", 11, False),
        ("27447", -2, False),
        ("27447", -1, True),
        ("27447", 90, True),
        ("27447", 91, False),
        ("59400", 0, False),
        ("97110", 0, False),
        ("00000", 0, False),
    ],
)
def test_goes_by_the_days_of_the_procedure(code: str, after: int, *, is_included: bool) -> None:
    earlier = elsewhere(code, VISIT_ON - timedelta(days=after))

    found = included_visits(facts(line("99213"), earlier=(earlier,)), SCHEDULE.values)

    assert procedures(found) == ([(code, "EN-0", False)] if is_included else [])


def test_says_which_visit_and_which_procedure() -> None:
    visit = structs.replace(line("99213", line_no=2), modifiers=("24",))
    performed = elsewhere("27447", date(2026, 1, 15))

    (found,) = included_visits(facts(line("97110"), visit, earlier=(performed,)), SCHEDULE.values).visits

    assert found == IncludedVisit(
        line_no=2,
        code="99213",
        modifiers=("24",),
        visit_on=VISIT_ON,
        procedure=structs.replace(
            SERVICE,
            encounter_id="EN-0",
            code="27447",
            service_from_on=date(2026, 1, 15),
            service_to_on=date(2026, 1, 15),
        ),
        period=GlobalPeriod.MAJOR,
        of_group=False,
        edition=SCHEDULE.edition.name,
    )


def test_counts_procedures_of_the_encounter_and_of_others_of_the_day() -> None:
    found = included_visits(
        facts(line("99213"), line("11720", line_no=2), same_day=(elsewhere("10060", VISIT_ON),)), SCHEDULE.values
    )

    assert procedures(found) == [("11720", None, False), ("10060", "EN-0", False)]


def test_physicians_of_one_group_and_specialty_are_as_one() -> None:
    partner = elsewhere("27447", VISIT_ON, npi="1111111112")
    other_group = replace(partner, billing_npi="1111111112")
    other_specialty = replace(partner, taxonomy="208600000X")
    unknown_specialty = replace(partner, taxonomy=None)
    earlier = (partner, other_group, other_specialty, unknown_specialty)
    asked = facts(line("99213"), earlier=earlier)

    assert procedures(included_visits(asked, SCHEDULE.values)) == [("27447", "EN-0", True)]
    assert not included_visits(replace(asked, rendering=replace(TREATS, taxonomy=None)), SCHEDULE.values).visits
    assert not included_visits(replace(asked, billing=None), SCHEDULE.values).visits


def test_a_visit_is_no_procedure() -> None:
    assert included_visits(facts(line("99213"), line("99214", line_no=2)), SCHEDULE.values) == NOTHING


def test_says_once_which_table_was_not_there() -> None:
    absent = TableNotLoaded("mpfs", Why.ABSENT)

    found = included_visits(facts(line("99213"), line("10060"), line("11720")), lambda _code, _on: absent)

    assert found == Included(gaps=(absent,))


@pytest.mark.parametrize(
    "lines",
    [("10060", "11720"), ("99213",), ("99213", "J1885", "A4550", "80053"), ("99213", "99214")],
    ids=["no visit", "nothing else", "no procedure", "another visit"],
)
def test_looks_nothing_up_without_need(lines: tuple[str, ...]) -> None:
    def values_of(code: str, on: date) -> Found:
        raise AssertionError((code, on))

    assert included_visits(facts(*(line(code) for code in lines)), values_of) == NOTHING


def test_looks_nothing_up_outside_of_the_longest_period() -> None:
    def values_of(code: str, on: date) -> Found:
        raise AssertionError((code, on))

    far = (elsewhere("27447", VISIT_ON - timedelta(days=91)), elsewhere("27447", VISIT_ON + timedelta(days=2)))

    assert included_visits(facts(line("99213"), earlier=far), values_of) == NOTHING


@given(performed_on=st.dates(date(2000, 1, 1), date(2030, 1, 1)), after=st.integers(-3, 95))
def test_the_days_around_a_visit_hold_whatever_may_include_it(performed_on: date, after: int) -> None:
    visit_on = performed_on + timedelta(days=after)
    periods = [days for period in GlobalPeriod if (days := period.days(performed_on)) is not None]

    assert days_around(visit_on).holds(performed_on) is any(days.holds(visit_on) for days in periods)


@pytest.mark.parametrize("code", ["99202", "99215", "99223", "99233", "99285", "99291", "99309", "99350", "92014"])
def test_knows_a_visit(code: str) -> None:
    assert is_visit(code)


@pytest.mark.parametrize("code", ["99024", "99417", "99381", "99406", "92015", "G0438", "99216", "99341X", "10060"])
def test_knows_what_is_none(code: str) -> None:
    assert not is_visit(code)


def test_every_procedure_of_the_samples_with_days_after_it_is_one_that_may_have_them() -> None:
    samples = [
        *reference_data.rows("mpfs/rvu_2024_level2_only.csv.gz"),
        *reference_data.rows("mpfs/rvu_2024_cpt_sample_NUMBERS_ONLY_AMA.csv"),
    ]
    lasting = {each["hcpcs_code"] for each in samples if each["glob"] in {"010", "090"}}
    within = {each["hcpcs_code"] for each in samples if each["glob"] in {"000", "010", "090"}}

    assert {"27447", "10060", "G0412"} <= lasting
    assert {code for code in lasting if not may_last(code)} == set()
    assert {code for code in within if not code.startswith((*"123456789", "G"))} == set()
