"""docs/simulator.md shows the table of scenarios as the code has it, and a file that can be read."""

import re

from apps.simulator.directory import read_scenario_file
from apps.simulator.scenario import MIX, SCENARIOS
from tests.support.programs import REPOSITORY

PAGE = (REPOSITORY / "docs" / "simulator.md").read_text()


def test_table_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `([A-Z0-9]+)` \| (.+) \|$", PAGE, re.MULTILINE)

    assert rows == [(each.prefix, each.meets) for each in SCENARIOS.values()]


def test_mix_is_that_of_the_code() -> None:
    sentence = " ".join(PAGE.split())

    assert (
        "Of 100 about 68 meet `PAID`, 18 `DEDU`, 10 `DENY` with one of seven reasons, 2 `REJP` and 2 `REJC`."
        in sentence
    )
    assert MIX == {"PAID": 68, "DEDU": 18, "DENY": 10, "REJP": 2, "REJC": 2}


def test_file_can_be_read() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None

    directory = read_scenario_file(found[1], seed=7)

    assert directory.seed == 9
    assert directory.members["EXHP1", "W123457"].scenario is SCENARIOS["TAKE"]
    assert directory.contract("EXHP1").allowed_percent == 70


def test_readme_counts_them() -> None:
    assert f"and {len(SCENARIOS) - 1} other scenarios" in (REPOSITORY / "README.md").read_text()
