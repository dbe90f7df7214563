"""Sockets: unit and contract tests have none; the tiers with real dependencies reach this machine only.

No test is timed: how long an example takes says how busy the machine is. The files that take longest begin first, so
that no worker is left alone with one of them at the end.
"""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_REACH_THIS_MACHINE = ("integration", "e2e", "fault")
_HERE = Path(__file__).parent
_LONGEST: Final = (
    "e2e/test_operating.py",
    "e2e/test_demo_on_kafka.py",
    "e2e/test_scenarios.py",
    "fault/test_killed_demo.py",
    "fault/test_broker_refuses.py",
    "fault/test_broker_stopped.py",
    "fault/test_database_killed.py",
    "fault/test_killed_process.py",
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
_PLACE: Final = {path: place for place, path in enumerate(_LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the loopback addresses to the tiers that need them, and put the longest files first."""
    for item in items:
        if item.path.relative_to(_HERE).parts[0] in _REACH_THIS_MACHINE:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))
    items.sort(key=lambda item: _PLACE.get(item.path.relative_to(_HERE).as_posix(), len(_PLACE)))
