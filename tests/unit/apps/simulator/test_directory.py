"""A scenario file: members, plans, fees and the mix; and what is said of one that is wrong."""

from datetime import UTC, datetime

import pytest

from apps.simulator import desk
from apps.simulator.directory import BadScenarioFile, read_scenario_file
from apps.simulator.office import Office
from apps.simulator.scenario import UnknownScenario
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
    claims += [member("w2", "W4", procedures=("99214",)), member("M1", "W5")]
    desk.receive(office, "key", interchange(transaction_set(*claims)), AT)

    assert [(each.patient_control_number, each.paid_cents, each.reasons) for each in office.book.claims] == [
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
        ("[mix]\nPAID = -1", "mix.PAID"),
        ("[mix]\nPAID = 0", "more than nothing"),
    ],
)
def test_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(BadScenarioFile, match=said):
        read_scenario_file(text, seed=7)


def test_refuses_a_scenario_that_no_table_has() -> None:
    with pytest.raises(UnknownScenario, match="one of PAID"):
        read_scenario_file("[mix]\nBAID = 1", seed=7)
