"""Who meets what: the prefixes of the documented table, and the seeded mix."""

from collections import Counter
from datetime import date

import pytest

from apps.simulator.scenario import MIX, SCENARIOS, UnknownScenario, drawn, named, scenario_of

DAY = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("member_id", "prefix", "code"),
    [
        ("PAID0001", "PAID", ""),
        ("paid0001", "PAID", ""),
        ("DEDU0001", "DEDU", ""),
        ("DENY", "DENY", "50"),
        ("DENY27", "DENY", "27"),
        ("DENY197A0001", "DENY", "197"),
        ("DENY0A", "DENY", "50"),
        ("DENY999A", "DENY", "50"),
        ("AAA99", "AAA", "75"),
        ("DENY00010001", "DENY", "50"),
        ("CODE1", "CODE", "16"),
        ("DUPL1", "DUPL", "18"),
        ("CODEA1", "CODE", "16"),
        ("AAA72X", "AAA", "72"),
        ("AAAX", "AAA", "75"),
        ("R9990001", "R999", ""),
    ],
)
def test_follows_the_prefix(member_id: str, prefix: str, code: str) -> None:
    scenario = named(member_id)

    assert scenario is not None
    assert (scenario.prefix, scenario.code) == (prefix, code)


def test_knows_nobody_without_a_prefix() -> None:
    assert named("W123456789") is None
    with pytest.raises(UnknownScenario, match="PAID, PART"):
        scenario_of("BAID")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DENY999", "number of a reason"),
        ("DENY15", "number of a reason"),  # ended in 2018
        ("DENY45", "number of a reason"),  # refuses nothing
        ("DENY0", "number of a reason"),
        ("DENY1234", "number of a reason"),
        ("DENY27A01", "number of a reason"),
        ("AAA99", "AAA03"),
        ("PAID27", "nothing stands behind PAID"),
    ],
)
def test_refuses_digits_that_say_nothing(name: str, words: str) -> None:
    with pytest.raises(UnknownScenario, match=words):
        scenario_of(name)


@pytest.mark.parametrize(("name", "code"), [("DENY027", "27"), ("deny197", "197"), ("AAA04", "4"), ("AAA", "75")])
def test_takes_digits_that_are_a_code(name: str, code: str) -> None:
    assert scenario_of(name).code == code


def test_draws_the_same_for_the_same_visit() -> None:
    def draws(seed: int) -> list[str]:
        return [
            drawn(MIX, seed=seed, member_id=f"M{number}", first_on=DAY, charge_cents=100_00).prefix
            for number in range(50)
        ]

    assert draws(7) == draws(7)
    assert draws(7) != draws(8)


def test_mixes_about_as_documented() -> None:
    found = Counter(
        drawn(MIX, seed=7, member_id=f"M{number}", first_on=DAY, charge_cents=100_00).prefix for number in range(2_000)
    )

    assert 1_260 < found["PAID"] < 1_460
    assert 280 < found["DEDU"] < 440
    assert 140 < found["DENY"] < 260
    assert found.keys() == MIX.keys()


def test_draws_denials_for_many_reasons() -> None:
    codes = {
        drawn({"DENY": 1}, seed=7, member_id=f"M{number}", first_on=DAY, charge_cents=1).code for number in range(200)
    }

    assert codes == {"16", "27", "29", "50", "96", "97", "197"}
    assert drawn({"DENY22": 1}, seed=7, member_id="M1", first_on=DAY, charge_cents=1).code == "22"


def test_has_one_row_a_prefix() -> None:
    assert all(prefix == scenario.prefix for prefix, scenario in SCENARIOS.items())
    assert all(scenario.meets for scenario in SCENARIOS.values())
