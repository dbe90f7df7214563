"""An operator's command on a service loads what its work needs, and nothing that serves."""

import subprocess
import sys
from typing import Final

from apps.embedded.settings import SERVICES

SERVES: Final = {"fastapi", "starlette.routing", "aiokafka", "asyncssh", "joserfc", "shared.runtime.http"}


def test_it_waits_for_no_routes_and_no_log_that_it_may_not_have() -> None:
    mains = [f"services.{name}.main" for name in SERVICES]
    program = f"import sys, shared.runtime.operate, {', '.join(mains)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 (ours)

    assert set(mains) <= set(loaded.stdout.split())
    assert not {
        each for each in loaded.stdout.split() if each in SERVES or (each.startswith("services.") and ".api" in each)
    }
