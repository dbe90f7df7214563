"""Figures: what is written for programs, and that a run with a weak baseline ends with 1."""

import json
from pathlib import Path

import pytest

from bench import bars, figures
from bench.figures import Figure, keep, reported


def test_figures_replace_their_own_and_leave_others(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    keep({"other": Figure(value=1, unit="ms"), "append_32": Figure(value=1, unit="events/s")}, file)

    keep({"append_32": Figure(value=9_000.4, unit="events/s", baseline=1_000, beside="library_append")}, file)

    kept = json.loads(file.read_text())
    assert set(kept) == {"other", "append_32"}
    assert kept["append_32"] == {
        "value": 9_000,
        "unit": "events/s",
        "beside": "library_append",
        "baseline": 1_000,
        "ratio": 9.0,
        "bar": "≥ 8x",
        "met": True,
    }


def test_a_bar_that_is_not_met_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    figures.show("Line", {"lifecycle_one_process": Figure(value=100, unit="encounters/s")})

    assert "NO" in capsys.readouterr().out


def test_a_weak_baseline_ends_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bars, "KNOWN", {"bare": 10.0})
    monkeypatch.setattr(figures, "FILE", tmp_path / "bench.json")

    with pytest.raises(SystemExit) as ended:
        reported("Line", {"bare": Figure(value=60, unit="events/s", baseline=10, beside="control loop")})

    assert ended.value.code == 1
    assert "does not count: bare is 6 times its control loop" in capsys.readouterr().out
