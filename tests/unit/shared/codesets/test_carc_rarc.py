"""What an adjustment means: refused, contractual, the patient's, or nobody knows."""

from datetime import date

import pytest

from shared.codesets.carc_rarc import CARC, RARC, Effect, Nature, effect, refuses
from tests.unit.shared.codesets.reference_data import rows

ON = date(2026, 4, 15)


@pytest.mark.parametrize("carc", ["16", "18", "22", "27", "29", "50", "96", "97", "197", "204", "109", "B7", "A1"])
@pytest.mark.parametrize("group", ["CO", "OA", "PI"])
def test_a_refusing_reason_is_a_denial_in_every_group_but_the_patients(group: str, carc: str) -> None:
    assert effect(group, carc, ON) is Effect.REFUSED
    assert refuses(group, carc, ON)


@pytest.mark.parametrize("carc", ["27", "96", "204", "50"])
def test_a_refusal_that_the_patient_owes_is_still_a_refusal(carc: str) -> None:
    assert effect("PR", carc, ON) is Effect.REFUSED_TO_PATIENT
    assert refuses("PR", carc, ON)


@pytest.mark.parametrize(
    ("group", "carc"),
    [("CO", "45"), ("CO", "253"), ("CO", "24"), ("CO", "59"), ("PI", "45"), ("OA", "94"), ("CO", "2")],
)
def test_the_price_of_a_covered_service_is_contractual(group: str, carc: str) -> None:
    assert effect(group, carc, ON) is Effect.CONTRACTUAL
    assert not refuses(group, carc, ON)


@pytest.mark.parametrize("carc", ["1", "2", "3", "45", "66"])
def test_the_patients_share_is_the_patients(carc: str) -> None:
    assert effect("PR", carc, ON) is Effect.PATIENT
    assert not refuses("PR", carc, ON)


@pytest.mark.parametrize("group", ["OA", "CO"])
def test_what_an_earlier_payer_did_is_kept_apart(group: str) -> None:
    assert effect(group, "23", ON) is Effect.PRIOR_PAYER


def test_an_undecided_line_is_pending() -> None:
    assert effect("OA", "133", ON) is Effect.PENDING


@pytest.mark.parametrize(("group", "carc"), [("CO", "999"), ("CR", "45"), ("", "45"), ("CO", ""), ("co", "45")])
def test_what_is_not_listed_is_neither_paid_nor_denied(group: str, carc: str) -> None:
    assert effect(group, carc, ON) is Effect.UNLISTED
    assert not refuses(group, carc, ON)


def test_a_reason_counts_while_payers_may_write_it() -> None:
    assert effect("CO", "15", date(2018, 5, 1)) is Effect.REFUSED
    assert effect("CO", "15", date(2018, 5, 2)) is Effect.UNLISTED
    assert effect("CO", "42", date(2007, 6, 1)) is Effect.CONTRACTUAL
    assert effect("CO", "42", ON) is Effect.UNLISTED
    assert effect("CO", "302", date(2020, 10, 31)) is Effect.UNLISTED
    assert effect("CO", "302", date(2020, 11, 1)) is Effect.REFUSED


def test_every_nature_is_in_use() -> None:
    assert {row.nature for row in CARC} == set(Nature)


def test_numbers_and_days_are_those_of_the_list_and_labels_are_ours() -> None:
    official = {row["adj_code"]: row for row in rows("codesets/carc_rarc_with_dates_2024_X12_LICENCE.csv")}

    for row in (*CARC, *RARC):
        listed = official[row.code]
        assert listed["adj_start_date"] == row.valid.first.isoformat(), row.code
        assert listed["adj_end_date"] == (row.valid.last.isoformat() if row.valid.last else ""), row.code
        assert row.label.casefold() != listed["adj_description"].casefold().rstrip("."), row.code
