"""Sockets: unit and contract tests have none; the tiers with real dependencies reach this machine only.

No test is timed: how long an example takes says how busy the machine is. The files that take longest begin first, so
that no worker is left alone with one of them at the end; of some, each test is for any worker.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # says no types

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_REACH_THIS_MACHINE = ("integration", "e2e", "fault")
_HERE = Path(__file__).parent
_LONGEST: Final = (
    "e2e/test_operating.py",
    "e2e/test_demo_on_kafka.py",
    "e2e/test_up_processes.py",
    "e2e/test_scenarios.py",
    "e2e/test_operating_beside.py",
    "e2e/test_verify.py",
    "fault/test_two_replicas.py",
    "fault/test_killed_demo.py",
    "fault/test_broker_refuses.py",
    "fault/test_broker_stopped.py",
    "fault/test_database_killed.py",
    "fault/test_killed_process.py",
    "integration/http/test_schemathesis.py",
    "integration/verify/test_damage.py",
    "integration/relay_and_consumer/test_line.py",
    "integration/codesets/test_starter.py",
    "integration/rebuild/test_command.py",
    "integration/simulator/test_speed.py",
    "integration/x12/test_command.py",
    "integration/restore/test_restore.py",
    "integration/verify/test_scale.py",
    "integration/verify/test_live.py",
    "integration/log/test_log.py",
)
_SPLIT: Final = ("tests/integration/http/test_schemathesis.py",)
"""Files whose tests have nothing in common but their helpers, each longer than most files."""
_PLACE: Final = {path: place for place, path in enumerate(_LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the loopback addresses to the tiers that need them, and put the longest files first."""
    for item in items:
        if item.path.relative_to(_HERE).parts[0] in _REACH_THIS_MACHINE:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))
    items.sort(key=lambda item: _PLACE.get(item.path.relative_to(_HERE).as_posix(), len(_PLACE)))


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]  # of a base without types
    """A file at a time to a worker, a test at a time of those that are split."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file in _SPLIT else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:  # noqa: ANN401 (says no types)
    """Return who hands out tests, where files are handed out."""
    return _Scheduling(config, log) if config.getoption("dist") == "loadfile" else None
