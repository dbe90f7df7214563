"""The boards ask for metrics that exist, and are what `make contracts` writes."""

import re
from typing import Final

import pytest

from tools.images import ROOT
from tools.write_boards import BOARDS, FOLDER, text

METRICS: Final = set(
    re.findall(r"^\| `(claimlog_\w+)` \|", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
)


@pytest.mark.parametrize("name", BOARDS)
def test_board_is_the_one_that_is_written(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == text(name), "run `make contracts`"


def test_no_board_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_board_asks_for_metrics_that_exist(name: str) -> None:
    asked = {
        re.sub(r"_(count|bucket|sum)$", "", metric)
        for panel in BOARDS[name][1]
        for metric in re.findall(r"claimlog_\w+", panel.asked)
    }

    assert asked
    assert asked <= METRICS
