"""`services/validation/domain/rules/cms/ncci_pair_edit.py` as examples."""

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.ncci_pair_edit import NCCI_PAIR_EDIT as RULE
from services.validation.domain.same_day import Service, pairs_of
from services.validation.domain.subject import LookedUp, ScrubSubject
from services.validation.domain.tables import Tables
from shared.codesets.library import Library
from shared.codesets.ncci_ptp import PRACTITIONER
from tests.unit.validation.samples import CLEAN, SERVICE, SERVICE_ON, VALID, lined, subject
from tests.unit.validation.tables import pair_edits, with_pair_edits

EDITS = with_pair_edits(
    ("11721", "11720", "19970101", "*", "0"),
    ("11043", "11042", "19960101", "*", "1"),
    ("10060", "99213", "20130701", "20191231", "1"),
    ("10060", "99213", "20201001", "*", "1"),
    ("10060", "92012", "20130701", "20130701", "9"),
)


def billed(
    *lines: tuple[str, tuple[str, ...]],
    on: date = SERVICE_ON,
    others: tuple[Service, ...] = (),
    tables: Tables = EDITS,
) -> ScrubSubject:
    """Return lines of a code and its modifiers, with the edits between them."""
    changes: list[dict[str, Any]] = [
        {
            "procedure": LookedUp(code, VALID),
            "modifiers": tuple(LookedUp(modifier, VALID) for modifier in modifiers),
            "service_from_on": on,
            "service_to_on": on,
        }
        for code, modifiers in lines
    ]
    services = lined(*changes, others=others).services
    pairs, gaps = pairs_of(services, tables.pair)
    return lined(*changes, others=others, pairs=pairs, pair_gaps=gaps)


def elsewhere(code: str, *modifiers: str) -> Service:
    return structs.replace(SERVICE, encounter_id="EN-2", line_no=3, code=code, modifiers=modifiers)


def test_passes_two_services_without_an_edit() -> None:
    assert RULE.outcome(billed(("11043", ()), ("99213", ()))) is Outcome.PASS


@pytest.mark.parametrize("modifiers", [(), ("59",), ("XS", "25")])
def test_fails_the_second_of_a_pair_that_nothing_lifts(modifiers: tuple[str, ...]) -> None:
    (finding,) = RULE.findings(billed(("11721", ()), ("11720", modifiers)))

    assert (finding.severity, finding.line_no, finding.field) == ("error", 2, "lines/2/procedure_code")
    assert finding.inputs == (
        "11721 pays",
        "11720 does not",
        "2026-03-03",
        "indicator 0",
        "in force 1997-01-01..",
        "with line 1",
    )
    assert finding.edition == pair_edits(EDITS).edition.name
    assert "no modifier" in finding.mend


@pytest.mark.parametrize("order", [1, -1])
def test_finds_a_pair_in_either_order_of_the_lines(order: int) -> None:
    lines = (("11043", ()), ("11042", ()))[::order]

    (finding,) = RULE.findings(billed(*lines))

    assert finding.line_no == [code for code, _ in lines].index("11042") + 1
    assert "NCCI modifier" in finding.mend


@pytest.mark.parametrize("modifier", ["59", "XS", "LT", "F5", "25", "91", "RI", "E3"])
@pytest.mark.parametrize("on_first", [True, False])
def test_a_modifier_that_says_why_on_either_line_lifts_what_may_be_lifted(modifier: str, *, on_first: bool) -> None:
    first, second = ((modifier,), ()) if on_first else ((), (modifier,))

    assert RULE.outcome(billed(("11043", first), ("11042", second))) is Outcome.PASS


@pytest.mark.parametrize("modifier", ["26", "76", "GT", "50", "51"])
def test_other_modifiers_lift_nothing(modifier: str) -> None:
    assert RULE.outcome(billed(("11043", ()), ("11042", (modifier,)))) is Outcome.FAIL


@pytest.mark.parametrize(
    ("second", "on", "outcome"),
    [
        ("99213", date(2013, 6, 30), Outcome.PASS),
        ("99213", date(2013, 7, 1), Outcome.FAIL),
        ("99213", date(2019, 12, 31), Outcome.FAIL),  # the day of deletion is in force
        ("99213", date(2020, 1, 1), Outcome.PASS),
        ("99213", date(2020, 9, 30), Outcome.PASS),
        ("99213", date(2020, 10, 1), Outcome.FAIL),
        ("92012", date(2013, 7, 1), Outcome.PASS),  # indicator 9: it never applied
    ],
)
def test_goes_by_the_periods_of_a_pair(second: str, on: date, outcome: Outcome) -> None:
    assert RULE.outcome(billed(("10060", ()), (second, ()), on=on)) is outcome


def test_an_edit_that_began_later_does_not_apply_before() -> None:
    assert RULE.outcome(billed(("11721", ()), ("11720", ()), on=date(1996, 12, 31))) is Outcome.PASS


def test_services_of_different_days_are_no_pair() -> None:
    made = lined({"procedure": LookedUp("11721", VALID)}, {"procedure": LookedUp("11720", VALID)})
    second = structs.replace(made.services[1], service_from_on=date(2026, 3, 4), service_to_on=date(2026, 3, 4))

    assert pairs_of((made.services[0], second), EDITS.pair) == ((), ())


@pytest.mark.parametrize(
    ("own", "other", "severity", "mend"),
    [
        ("11720", "11721", "error", "Bill one of the two"),
        ("11721", "11720", "warning", "drop it there, no modifier"),
        ("11042", "11043", "error", "NCCI modifier"),
        ("11043", "11042", "warning", "NCCI modifier that says how to either"),
    ],
)
def test_stops_the_encounter_of_what_is_not_paid_and_warns_that_of_the_other(
    own: str, other: str, severity: str, mend: str
) -> None:
    (finding,) = RULE.findings(billed((own, ()), others=(elsewhere(other),)))

    assert (finding.line_no, finding.inputs[-1]) == (1, "with line 3 of encounter EN-2")
    assert finding.inputs[:2] == (f"{max(own, other)} pays", f"{min(own, other)} does not")
    assert (finding.outcome, finding.severity) == ("fail", severity)
    assert mend in finding.mend


def test_stops_what_is_paid_too_where_a_payer_has_the_other_claim() -> None:
    sent = structs.replace(elsewhere("11720"), under_way=True)

    (finding,) = RULE.findings(billed(("11721", ()), others=(sent,)))

    assert finding.severity == "error"
    assert finding.mend.endswith("A payer has that claim: correct it first.")


def test_a_modifier_in_the_other_encounter_lifts_too() -> None:
    assert RULE.outcome(billed(("11042", ()), others=(elsewhere("11043", "XE"),))) is Outcome.PASS


def test_pairs_of_other_encounters_alone_are_theirs() -> None:
    others = (elsewhere("11721"), elsewhere("11720"))

    assert RULE.outcome(billed(("99213", ()), others=others)) is Outcome.PASS


def test_has_no_data_without_the_table_and_says_so_once() -> None:
    nothing = Tables(library=Library())

    (finding,) = RULE.findings(billed(("11721", ()), ("11720", ()), ("11042", ()), tables=nothing))

    assert (finding.outcome, finding.missing_table) == ("no-data", PRACTITIONER.name)
    assert finding.inputs == ("11721", "11720", "11042", "ncci_ptp_practitioner: absent")


def test_has_no_data_for_a_day_that_the_table_does_not_cover() -> None:
    early = with_pair_edits(("11721", "11720", "19970101", "*", "0"), first=date(2026, 4, 1))

    assert RULE.outcome(billed(("11721", ()), ("11720", ()), tables=early)) is Outcome.NO_DATA


def test_has_no_data_where_a_day_has_more_encounters_than_are_compared() -> None:
    cut = billed(("11043", ()), ("99213", ()))

    assert RULE.outcome(subject(lines=cut.lines, services=cut.services, services_cut=True)) is Outcome.NO_DATA


def test_does_not_apply_to_one_service() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
