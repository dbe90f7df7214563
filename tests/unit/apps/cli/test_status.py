"""What people are shown of where services stand."""

from io import StringIO
from typing import Any

from rich.console import Console

from apps.cli import status


def service(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (a document)
    whole = {
        "position": 1_853,
        "facts_per_second": {"last_minute": 12.5, "last_hour": 0.5},
        "jobs": {"relay": True, "own-facts": True, "effects": True},
        "relay": {"position": 1_853, "behind": 0, "seconds": 0.0},
        "own_facts": {"position": 1_853, "behind": 0, "seconds": 0.0},
        "topics": {"log": "answers", "behind": 0, "seconds": 0.0},
        "effects": {"held": False, "not_attempted": 0, "without_result": 0},
        "parked": {"count": 0, "by_cause": {}, "locked_streams": 0},
        "read_models": [{"name": "claims", "broken": None, "rebuilt": None}],
        "waiting": [],
        "stopped": {},
    }
    return whole | changes


def shown(**changes: Any) -> str:  # noqa: ANN401 (a document)
    said = StringIO()
    status._show({"claims": service(**changes)}, Console(file=said, width=140))  # noqa: SLF001 (what people see)
    return said.getvalue()


def test_calm_service_is_one_row() -> None:
    text = shown()

    assert "1,853" in text
    assert "work" in text
    assert ":" not in text


def test_lag_says_how_many_and_how_old() -> None:
    assert "40 for 7 s" in shown(topics={"log": "answers", "behind": 40, "seconds": 7.2})
    assert "log away" in shown(topics={"log": "log-unavailable", "behind": None, "seconds": None})


def test_who_does_not_work_is_named() -> None:
    assert "no relay" in shown(jobs={"relay": False, "own-facts": True, "effects": True})
    assert "nobody works" in shown(jobs={"relay": False, "own-facts": False, "effects": False})


def test_effects_that_are_held_or_unclear_show() -> None:
    assert "held" in shown(effects={"held": True, "not_attempted": 2, "without_result": 1})
    assert "1 unclear" in shown(effects={"held": False, "not_attempted": 0, "without_result": 1})


def test_what_is_stuck_has_a_line_each() -> None:
    text = shown(
        parked={"count": 2, "by_cause": {"unknown-version": 2}, "locked_streams": 1},
        read_models=[
            {"name": "claims", "broken": "ValueError", "rebuilt": None},
            {"name": "waits", "broken": None, "rebuilt": 7},
        ],
        waiting=[{"worklist": "waiting-encounters", "missing": "patient", "count": 3, "since": "2026-03-03T14:30:00Z"}],
        stopped={"claimlog.coding/1": "gap: expected 118, found 120"},
    )

    for line in (
        "claims: stopped: claimlog.coding/1: gap: expected 118, found 120",
        "claims: parked: unknown-version: 2",
        "claims: locked after a restore: 1 streams",
        "claims: broken: read model claims: ValueError",
        "claims: rebuilding: read model waits: 7 facts so far",
        "claims: waiting: 3 for patient since 2026-03-03T14:30:00Z",
    ):
        assert line in text
