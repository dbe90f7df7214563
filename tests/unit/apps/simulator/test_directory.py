"""A scenario file: members, plans, fees and the mix; and what is said of one that is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.simulator import desk
from apps.simulator.directory import BadScenarioFile, read_scenario_file
from apps.simulator.office import Office
from apps.simulator.scenario import UnknownScenario, scenario_of
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)
FILE = """
seed = 9
[mix]
DENY29 = 1

[[plans]]
name = "gold"
copay_cents = 1000
by_claim = true

[[payers]]
payer_id = "EXHP1"
allowed_percent = 50
[[payers.fees]]
procedure = "99213"
effective_on = 2026-01-01
allowed_cents = 7000

[[members]]
payer_id = "EXHP1"
member_id = "W1"
plan = "gold"
effective_on = 2026-01-01
terminated_on = 2026-09-30

[[members]]
payer_id = "EXHP1"
member_id = "W0"
plan = "gold"
effective_on = 2026-10-15

[[members]]
payer_id = "EXHP1"
member_id = "W2"
plan = "gold"

[[members]]
payer_id = "EXHP1"
member_id = "W3"
scenario = "DENY197"
"""


def test_decides_as_the_file_says() -> None:
    office = Office(read_scenario_file(FILE, seed=7))
    claims = [member(name, name, procedures=(code,)) for name, code in (("W1", "99213"), ("W2", "99213"), ("W3", "1"))]
    claims.insert(0, member("W0", "W0"))
    claims += [member("w2", "W4", procedures=("99214",)), member("M1", "W5")]
    desk.receive(office, "key", interchange(transaction_set(*claims)), AT)

    assert [(each.patient_control_number, each.paid_cents, each.reasons) for each in office.book.claims] == [
        ("W0", 0, ("CO-26",)),
        ("W1", 0, ("CO-27",)),
        ("W2", 60_00, ("CO-45", "PR-3")),
        ("W3", 0, ("CO-197",)),
        ("W4", 40_00, ("CO-45", "PR-3")),
        ("W5", 0, ("CO-29",)),
    ]
    assert office.directory.seed == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = ", "no TOML"),
        ("sead = 1", "sead"),
        ("[[plans]]\nname = 'gold'\ncopay_cents = -1", "plans.0.copay_cents"),
        ("[[members]]\npayer_id = 'A'\nmember_id = 'B'\nplan = 'gold'", "no plan of the file is named gold"),
        (
            "[[plans]]\nname = 'gold'\n[[members]]\npayer_id = 'A'\nmember_id = 'B'\nplan = 'gold'\nscenario = 'TERM1'",
            "nothing stands behind TERM",
        ),
        (
            "[[plans]]\nname = 'gold'\n[[members]]\npayer_id = 'A'\nmember_id = 'B'\nplan = 'gold'\nscenario = 'DEDU'",
            "DEDU brings a plan of its own",
        ),
        ("[mix]\nPAID = -1", "mix.PAID"),
        ("[mix]\nPAID = 0", "more than nothing"),
    ],
)
def test_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises((BadScenarioFile, UnknownScenario), match=said):
        read_scenario_file(text, seed=7)


@pytest.mark.parametrize(
    ("scenario", "member_id", "paid_cents", "reasons"),
    [
        ("LATE", "W2", 60_00, ("CO-45", "PR-3")),  # the plan of the file
        ("CROS", "W2", 60_00, ("CO-45", "PR-3")),
        ("DENY50", "W2", 0, ("CO-50",)),
        ("DENY50", "W0", 0, ("CO-26",)),  # its days
        ("LATE", "W1", 0, ("CO-27",)),
        ("DEDU", "W2", 9_00, ("CO-45", "PR-1", "PR-2", "PR-3")),  # a plan of its own
        ("DEDU", "W0", 0, ("CO-26",)),
        ("TERM", "W2", 0, ("CO-27",)),  # an end of its own
    ],
)
def test_a_choice_keeps_what_the_file_says_of_a_member(
    scenario: str, member_id: str, paid_cents: int, reasons: tuple[str, ...]
) -> None:
    office = Office(read_scenario_file(FILE, seed=7))
    office.directory.choose("EXHP1", member_id.lower(), scenario_of(scenario))
    desk.receive(office, "key", interchange(transaction_set(member(member_id))), AT)
    desk.advance(office, AT + timedelta(days=15))

    (booked,) = office.book.claims
    assert (booked.paid_cents, booked.reasons) == (paid_cents, reasons)


@pytest.mark.parametrize("first", [0, 1])
def test_the_first_day_of_service_says_who_is_covered_wherever_it_stands(first: int) -> None:
    office = Office(read_scenario_file(FILE, seed=7))
    lines = member("W0", charges=("100", "50"))
    days = iter(("20261001", "20261020") if first == 0 else ("20261020", "20261001"))
    lines = tuple(f"DTP*472*D8*{next(days)}" if each.startswith("DTP*472") else each for each in lines)
    desk.receive(office, "key", interchange(transaction_set(lines)), AT)

    assert [each.reasons for each in office.book.claims] == [("CO-26",)]


def test_an_end_that_is_chosen_goes_with_the_next_choice() -> None:
    office = Office(read_scenario_file(FILE, seed=7))
    for number, scenario in enumerate(("TERM", "PAID")):
        office.directory.choose("EXHP1", "W2", scenario_of(scenario))
        content = interchange(transaction_set(member("W2", f"C{number}")), number=number)
        desk.receive(office, f"key-{number}", content, AT)

    assert [each.reasons for each in office.book.claims] == [("CO-27",), ("CO-45", "PR-3")]


def test_refuses_a_scenario_that_no_table_has() -> None:
    with pytest.raises(UnknownScenario, match="one of PAID"):
        read_scenario_file("[mix]\nBAID = 1", seed=7)
