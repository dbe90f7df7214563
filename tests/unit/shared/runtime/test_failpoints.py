"""Every place in the sources is registered, every registered place is in the sources, and a wrong name is refused."""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.failpoints import POINTS

ROOT = Path(__file__).resolve().parents[4]
OWN = ROOT / "shared" / "runtime" / "failpoints.py"


def passed() -> Iterator[str]:
    """Yield the name of each place in what ships."""
    for folder in ("shared", "services", "apps"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Name(id="point"), args=[ast.Constant(value=str(name))]):
                        yield name
                    case ast.Call(func=ast.Name(id="point")) if path != OWN:
                        yield f"{path.name}:{node.lineno} builds its name"
                    case _:
                        pass


def test_places_in_the_sources_are_those_of_the_registry() -> None:
    assert set(passed()) == set(POINTS)


def test_every_place_says_what_is_done_and_what_is_not() -> None:
    assert [name for name, what in POINTS.items() if what.count("; ") != 1] == []
    assert [name for name, count in Counter(POINTS.values()).items() if count > 1] == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("flush.locked:raise", 1), ("flush.locked:kill", -9), ("flush.locked:kill:2", 0), ("flush.decided:kill", 0)],
)
def test_process_ends_at_the_place_and_passage_that_its_environment_names(wanted: str, code: int) -> None:
    assert _point("flush.locked", wanted) == code


def test_misspelt_place_is_refused_at_the_start_and_none_is_open_in_production() -> None:
    assert _point("flush.locked", "flush.loked:kill") == 1
    assert _point("flush.locked", "flush.locked:kill", CLAIMLOG_ENVIRONMENT="production") == 0


def _point(name: str, wanted: str, **more: str) -> int:
    """Return the exit code of a process that passes a place."""
    environment = {**os.environ, "CLAIMLOG_FAILPOINT": wanted, **more}  # noqa: TID251 (of the child)
    program = f"from shared.runtime.failpoints import point; point({name!r})"
    ended = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, check=False
    )
    return ended.returncode
