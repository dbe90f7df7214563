"""Sockets: unit and contract tests have none; the tiers with real dependencies reach this machine only.

No test is timed: how long an example takes says how busy the machine is.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_REACH_THIS_MACHINE = ("integration", "e2e", "fault")
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the loopback addresses to the tiers that need them."""
    for item in items:
        if item.path.relative_to(_HERE).parts[0] in _REACH_THIS_MACHINE:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))
