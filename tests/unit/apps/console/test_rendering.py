"""Values as people read them; nothing that comes from outside becomes HTML."""

from datetime import UTC, date, datetime

import pytest
from jinja2 import Environment

from apps.console.rendering import LOOKS, data, days_left, dotted, list_name, moment, money, person_name, status, words

CONTEXT = (
    Environment(autoescape=True).from_string("").new_context({"zone": "America/New_York", "today": date(2026, 3, 3)})
)


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(0, "$0.00"), (123_450, "$1,234.50"), (None, "\N{EN DASH}")],
)
def test_money_is_dollars_where_there_is_any(cents: int | None, shown: str) -> None:
    assert money(cents) == shown


def test_an_instant_is_shown_in_the_viewers_zone_and_exactly_on_hover() -> None:
    shown = moment(CONTEXT, datetime(2026, 3, 3, 2, 30, 5, tzinfo=UTC))

    assert "Mar 2, 21:30" in shown
    assert "Dec 31, 2025 21:30" in moment(CONTEXT, datetime(2026, 1, 1, 2, 30, 5, tzinfo=UTC))
    assert 'title="2026-03-03T02:30:05Z"' in shown


@pytest.mark.parametrize(
    ("on", "shown"),
    [("2026-03-01", "2 days late"), ("2026-03-03", "today"), ("2026-03-04", "in 1 day"), (None, "\N{EN DASH}")],
)
def test_a_deadline_says_what_is_left(on: str | None, shown: str) -> None:
    assert shown in days_left(CONTEXT, on)


def test_every_status_has_a_shape_besides_its_colour_and_is_escaped() -> None:
    assert {look.shape for look in LOOKS.values()} >= {"●", "■", "▲"}
    assert "<script" not in status("<script>")
    assert "■" in status("denied")


def test_slugs_and_facts_are_words() -> None:
    assert (words("accepted-by-payer"), words("ClaimHeld"), words(None)) == (
        "accepted by payer",
        "Claim held",
        "\N{EN DASH}",
    )


def test_a_list_of_findings_is_called_by_whose_turn_they_are() -> None:
    assert (list_name("findings-front-desk"), list_name("held-claims")) == ("findings for front desk", "held claims")


def test_codes_and_names_are_written_as_people_write_them() -> None:
    assert (dotted("J45909"), dotted("I10")) == ("J45.909", "I10")
    assert person_name({"family": "Sampletest", "given": "Ada", "middle": "Q"}) == "Sampletest, Ada Q"
    assert person_name(None) == "name erased"


def test_values_for_a_script_cannot_end_its_element() -> None:
    assert "</script" not in data({"x": "</script>"})
