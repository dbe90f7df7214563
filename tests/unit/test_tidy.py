"""House rules that no linter knows; each complaint names the way out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
FILE_LINES_MAX: Final = 600
FUNCTION_LINES_MAX: Final = 70
README_LINES_MAX: Final = 60
NAMELESS: Final = {
    "utils", "util", "helpers", "common", "misc", "manager", "base", "constants", "exceptions", "service", "repository",
    "models", "schemas",
}  # fmt: skip
FOLDERS: Final = ("services", "shared", "apps", "tests", "tools", "bench", "samples")
SOURCES: Final = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
SERVICES: Final = sorted(path.parent.relative_to(ROOT) for path in (ROOT / "services").glob("*/main.py"))
SERVICE_NEEDS: Final = {
    "README.md",
    "__init__.py",
    "main.py",
    "settings.py",
    "api",
    "reactors",
    "domain",
    "projections",
}
SERVICE_MAY: Final = SERVICE_NEEDS | {"effects", "adapters"}
DECISIONS: Final = sorted(path.relative_to(ROOT) for path in (ROOT / "docs" / "adr").glob("*.md"))
DAYS: Final = Path("shared/kernel/dates.py")
UNNUMBERED: Final = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b(?!\(#\d+\))")
DECISION: Final = re.compile(r"\d{4}(-[a-z0-9]+)+\.md")


def complaints(path: Path, text: str) -> Iterator[str]:
    """Yield what is wrong with a module and what to do about it."""
    tree = ast.parse(text)
    nameless = NAMELESS.intersection((path.stem, *path.parts[:-1]))
    if nameless:
        yield f"{sorted(nameless)} names nothing; find the concept that lives here"
    if text.count("\n") > FILE_LINES_MAX:
        yield f"more than {FILE_LINES_MAX} lines; make it a package with the same public names"
    if not ast.get_docstring(tree):
        yield "no module docstring; say what a stranger finds here"
    for line_no, line in enumerate(text.splitlines(), 1):
        if UNNUMBERED.search(line):
            yield f"unfinished work in line {line_no} without a number; open an issue and name it: (#123)"
    for node in ast.walk(tree):
        yield from _of_node(path, text, node)


def _of_node(path: Path, text: str, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX:
            yield f"{node.name} has more than {FUNCTION_LINES_MAX} lines; keep its branches, move its leaves"
        case ast.Name(id="float") if "_cents" in text:
            yield f"float in line {node.lineno}, near money; use shared.kernel.money.Money"
        case ast.Call(func=ast.Attribute(attr="date"), args=[]) if path != DAYS:
            yield f".date() in line {node.lineno}; a day belongs to a place: shared.kernel.dates.local_day"
        case _:
            pass


def strangers(names: set[str]) -> Iterator[str]:
    """Yield what is wrong with the names in a service's folder. **Shape**: a module without `.py`, like a package."""
    bare = {
        name.removesuffix(".py") if name not in {"__init__.py", "main.py", "settings.py"} else name for name in names
    }
    for name in sorted(bare - SERVICE_MAY):
        yield f"{name} has no place in a service; see CONTRIBUTING.md, the shape of a service"
    for name in sorted(SERVICE_NEEDS - bare):
        yield f"{name} is missing; all services have the same shape"


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_is_tidy(path: Path) -> None:
    assert not list(complaints(path, (ROOT / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", SERVICES, ids=str)
def test_service_has_the_shape_of_all_services(folder: Path) -> None:
    names = {path.name for path in (ROOT / folder).iterdir() if path.name != "__pycache__"}

    assert not list(strangers(names))


@pytest.mark.parametrize("folder", SERVICES, ids=str)
def test_readme_of_a_service_fits_one_screen(folder: Path) -> None:
    readme = ROOT / folder / "README.md"

    assert len(readme.read_text(encoding="utf-8").splitlines()) <= README_LINES_MAX, "say less, or in a docstring"


@pytest.mark.parametrize("path", DECISIONS, ids=str)
def test_decision_ends_with_the_check_that_enforces_it(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()

    assert DECISION.fullmatch(path.name), "NNNN-a-few-words.md"
    assert lines[0].startswith(f"# {path.name[:4]} ")
    assert lines[-1].startswith("Enforced by: "), "without a check it is advice; move it to CONTRIBUTING.md"
    named = [ROOT / name for name in re.findall(r"`((?:tests|services|shared|tools)/[\w/.]+)`", lines[-1])]
    assert [name for name in named if not name.exists()] == []


def test_says_the_way_out() -> None:
    (no_docstring, a_date) = complaints(Path("services/x.py"), "day = now.date()")

    assert "docstring" in no_docstring
    assert "local_day" in a_date


def test_knows_what_each_rule_forbids() -> None:
    long_function = '"""Doc."""\ndef f():\n' + "    pass\n" * FUNCTION_LINES_MAX
    unfinished = '"""Doc."""\n# TO' + "DO: later\n# TO" + "DO(#12): later\n"

    assert [len(list(complaints(Path("a.py"), text))) for text in (long_function, unfinished)] == [1, 1]
    assert list(complaints(Path("shared/utils.py"), '"""Doc."""\n'))
    assert list(complaints(Path("services/x/models/claim.py"), '"""Doc."""\n'))
    assert list(complaints(Path("a.py"), '"""Doc."""\nprice_cents = float(1)\n'))
    assert list(complaints(Path("a.py"), '"""Doc."""\n' + "\n" * FILE_LINES_MAX))
    assert not list(complaints(DAYS, '"""Doc."""\nday = now.date()\n'))
    assert not list(complaints(Path("a.py"), '"""Doc."""\nratio = float(1)\n'))


def test_knows_the_shape_of_a_service() -> None:
    needed = {"README.md", "__init__.py", "main.py", "settings.py", "api.py", "reactors", "domain", "projections"}

    assert not list(strangers(needed))
    assert not list(strangers(needed | {"effects.py", "adapters"}))
    assert ["queries has no place" in each for each in strangers(needed | {"queries.py"})] == [True]
    assert ["domain is missing" in each for each in strangers(needed - {"domain"})] == [True]
