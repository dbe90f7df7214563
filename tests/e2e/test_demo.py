"""The whole line on the sample practice: every encounter ends somewhere, every cent is where it belongs."""

import re

import pytest

from services.validation.domain.rules import RULES
from tests.e2e.conftest import Demo
from tests.support.programs import REPOSITORY, embedded
from tests.support.x12_oracles import oxedi_findings, pyx12_check
from tests.support.x12_readings import by_pyx12, by_simulator

SOMEWHERE = ("coder_queue", "not_codable", "held", "rejected", "paid", "denied", "self_pay")


def test_exits_0_and_balances(demo: Demo) -> None:
    assert demo.finished.code == 0, demo.finished.err
    assert demo.finished.outcome["balanced"] is True
    assert demo.finished.outcome["parked"] == 0


@pytest.mark.parametrize(
    "state", ["coded", "coder_queue", "held", "rejected", "accepted", "paid", "denied", "self_pay"]
)
def test_sample_practice_has_every_outcome(demo: Demo, state: str) -> None:
    assert demo.finished.outcome[state] > 0


def test_small_practice_has_every_outcome_and_scenario_too(demo: Demo, small: Demo) -> None:
    def seen(one: Demo) -> set[str]:
        outcome = one.finished.outcome
        return {state for state in SOMEWHERE if outcome[state]} | {each["scenario"] for each in outcome["scenarios"]}

    assert seen(small) == seen(demo)


def test_no_encounter_is_lost(demo: Demo) -> None:
    outcome = demo.finished.outcome

    assert sum(outcome[state] for state in SOMEWHERE) == outcome["encounters"]


def test_rules_that_stop_encounters_are_named_with_who_mends_what_they_found(demo: Demo) -> None:
    outcome = demo.finished.outcome
    owners = {rule.id: rule.owner for rule in RULES}

    assert sum(each["encounters"] for each in outcome["stops"]) >= outcome["held"]
    assert {each["rule_id"]: each["owner"] for each in outcome["stops"]}.items() <= owners.items()


def test_every_charged_cent_is_somewhere(demo: Demo) -> None:
    money = dict(demo.finished.outcome["money_cents"])

    assert money.pop("charged") == sum(money.values())
    assert min(money.values()) >= 0


def test_second_run_on_the_same_data_adds_nothing(demo: Demo) -> None:
    again = embedded("demo", "--json", data=demo.data)

    assert again.code == 0, again.err
    for name in ("encounters", "submitted", "paid", "denied", "money_cents"):
        assert again.outcome[name] == demo.finished.outcome[name]


def test_every_837_is_valid_under_an_independent_validator(demo: Demo) -> None:
    files = sorted((demo.data / "exchange" / "outbound").glob("837p-*.edi"))

    assert files
    for path in files:
        verdict = pyx12_check(path.read_text())
        assert verdict.valid, (path.name, verdict.errors[:3])


def test_every_835_passes_an_independent_reader_and_balances_there(demo: Demo) -> None:
    files = sorted((demo.data / "exchange" / "inbound").glob("835-*.edi"))

    assert files
    assert {path.name: oxedi_findings(path.read_bytes()) for path in files} == {path.name: () for path in files}


def test_an_independent_reader_sees_the_same_claims_as_the_simulator(demo: Demo) -> None:
    for path in sorted((demo.data / "exchange" / "outbound").glob("837p-*.edi")):
        assert by_pyx12(path.read_text()) == by_simulator(path.read_bytes())


def test_readme_shows_what_the_demo_prints(demo: Demo) -> None:
    outcome = dict(demo.finished.outcome)
    dollars = {(name, f"{cents // 100:,}.{cents % 100:02d}") for name, cents in outcome.pop("money_cents").items()}
    names = tuple(outcome)[: tuple(outcome).index("parked") + 1]
    counts = {(name.replace("_", " "), f"{outcome[name]:,}") for name in names}
    shown = re.findall(r"^│ ([a-z ]+?) +│ +([\d,.]+) │$", (REPOSITORY / "README.md").read_text(), re.MULTILINE)

    assert set(shown) == counts | dollars


def test_readme_shows_what_each_scenario_came_to(demo: Demo) -> None:
    told = {
        (
            each["scenario"],
            str(each["claims"]),
            *(str(each["by_state"][state]) for state in ("paid", "denied", "rejected")),
        )
        for each in demo.finished.outcome["scenarios"]
    }
    row = r"^│ ([A-Z0-9]+) +│ +(\d+) │ +(\d+) │ +(\d+) │ +(\d+) │ +[\d,.]+ │$"
    shown = re.findall(row, (REPOSITORY / "README.md").read_text(), re.MULTILINE)

    assert set(shown) == told
    assert (
        sum(each["paid_cents"] for each in demo.finished.outcome["scenarios"])
        == demo.finished.outcome["money_cents"]["paid"]
    )
