"""`services/validation/domain/rules/cms/add_on_primary.py` as examples."""

from datetime import date

import pytest
from msgspec import structs

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.add_on_primary import ADD_ON_PRIMARY as RULE
from services.validation.domain.same_day import Service
from services.validation.domain.subject import LookedUp, ScrubSubject
from services.validation.domain.tables import Tables
from shared.codesets.library import Library
from tests.unit.validation.samples import SERVICE, SERVICE_ON, VALID, lined, subject
from tests.unit.validation.tables import with_add_ons

ADD_ONS = with_add_ons(
    ("64483", "64484", "1", ""),
    ("90471", "90472", "1", ""),
    ("G0008", "90472", "1", ""),
    ("99291", "99292", "1", "another practitioner of the group may report it"),
    ("CCCCC", "33225", "2", ""),
    ("99205", "G2211", "3", ""),
    ("CCCCC", "G2211", "3", ""),
)


def coded(
    *codes: str,
    on: date = SERVICE_ON,
    others: tuple[Service, ...] = (),
    tables: Tables = ADD_ONS,
    services_cut: bool = False,
) -> ScrubSubject:
    """Return a line for each code, with what it is added to."""
    changes = [
        {
            "procedure": LookedUp(code, VALID),
            "add_on": tables.add_on(code, on),
            "service_from_on": on,
            "service_to_on": on,
        }
        for code in codes
    ]
    return lined(*changes, others=others, services_cut=services_cut)


def elsewhere(code: str, on: date = SERVICE_ON) -> Service:
    return structs.replace(SERVICE, encounter_id="EN-2", code=code, service_from_on=on)


@pytest.mark.parametrize("codes", [("64483", "64484"), ("90472", "G0008"), ("99205", "G2211"), ("99213",)])
def test_passes_beside_a_listed_primary_in_any_order(codes: tuple[str, ...]) -> None:
    assert RULE.outcome(coded(*codes)) is Outcome.PASS


def test_passes_beside_a_primary_of_another_encounter() -> None:
    assert RULE.outcome(coded("64484", others=(elsewhere("64483"),))) is Outcome.PASS


def test_a_primary_of_another_day_is_none() -> None:
    assert RULE.outcome(coded("64484", others=(elsewhere("64483", date(2026, 3, 2)),))) is Outcome.FAIL


@pytest.mark.parametrize("codes", [("64484",), ("99213", "64484"), ("90471", "64484")])
def test_fails_without_a_listed_primary(codes: tuple[str, ...]) -> None:
    (finding,) = RULE.findings(coded(*codes))

    assert (finding.severity, finding.line_no) == ("error", len(codes))
    assert finding.inputs == ("64484", "2026-03-03", "type 1", "beside 64483")
    assert finding.edition == "add_ons example"


def test_is_no_primary_of_its_own() -> None:
    assert RULE.outcome(coded("64484", "64484")) is Outcome.FAIL


def test_warns_where_an_instruction_goes_with_the_code() -> None:
    (finding,) = RULE.findings(coded("99292"))

    assert (finding.outcome, finding.severity) == ("fail", "warning")


@pytest.mark.parametrize("code", ["33225", "G2211"])
def test_leaves_what_the_contractor_decides_to_the_contractor(code: str) -> None:
    (finding,) = RULE.findings(coded("99213", code))

    assert (finding.outcome, finding.missing_table, finding.line_no) == ("no-data", None, 2)
    assert "payer" in finding.mend


@pytest.mark.parametrize("code", ["33225", "G2211"])
def test_fails_what_stands_all_alone_whoever_decides(code: str) -> None:
    assert RULE.outcome(coded(code)) is Outcome.FAIL


@pytest.mark.parametrize(
    ("tables", "on"),
    [(Tables(library=Library()), SERVICE_ON), (ADD_ONS, date(2012, 12, 31))],
    ids=["absent", "earlier"],
)
def test_has_no_data_outside_of_the_table_and_says_so_once(tables: Tables, on: date) -> None:
    (finding,) = RULE.findings(coded("64484", "99213", on=on, tables=tables))

    assert (finding.outcome, finding.missing_table, finding.inputs[:2]) == ("no-data", "add_ons", ("64484", "99213"))


def test_has_no_data_where_a_day_has_more_encounters_than_are_compared() -> None:
    assert RULE.outcome(coded("64484", services_cut=True)) is Outcome.NO_DATA


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
