"""Programs of ours as a person starts them: with their own data folder, killed and started again."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.processes import run_to_its_end

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Finished:
    """What a program left. **Shape**: `outcome` is its one JSON object, where it printed one."""

    code: int
    out: str
    err: str

    @property
    def outcome(self) -> Mapping[str, Any]:
        """Return the JSON object on standard output."""
        found: Mapping[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


def environment(data: Path, **more: str) -> dict[str, str]:
    """Return the environment of a program: this one's, without what a developer may have set for claimlog."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMLOG_")}  # noqa: TID251
    kept.pop("KAFKA_BOOTSTRAP", None)
    kept.pop("DATABASE_URL", None)
    return kept | {"CLAIMLOG_DATA": str(data), "CLAIMLOG_PORT": "0", "PYTHONUNBUFFERED": "1"} | more


def claimlog(*arguments: str, data: Path, **more: str) -> Finished:
    """Run the command line to its end.

    **Shape**: output goes to files, for a killed one leaves its database running, and that would keep a pipe open.
    """
    return finished("apps.cli.main", *arguments, data=data, **more)


def embedded(*arguments: str, data: Path, **more: str) -> Finished:
    """Run what `claimlog demo` and `claimlog run` start to its end."""
    return finished("apps.embedded.main", *arguments, data=data, **more)


def operate(service: str, *arguments: str, data: Path) -> Finished:
    """Run an operator's command on one service of a data folder."""
    return finished("apps.embedded.command", "operate", "--service", service, "--", *arguments, data=data)


def finished(module: str, *arguments: str, data: Path, **more: str) -> Finished:
    """Run a module to its end, as `python -m` does; it is forked with everything imported already."""
    with tempfile.NamedTemporaryFile("w+") as out, tempfile.NamedTemporaryFile("w+") as err:
        told = environment(data, **more)
        code = run_to_its_end((module, *arguments), told, (out.name, err.name), seconds=SECONDS_MAX)
        return Finished(code, out.read(), err.read())
