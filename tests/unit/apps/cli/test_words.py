"""Every command says what it does with an example, is on the page for operators, and every example there is one."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner

from apps.cli.main import NAMES, application, loaded

ROOT: Final = Path(__file__).resolve().parents[4]
PAGE: Final = ROOT / "docs" / "operations.md"
WRITES: Final = {
    "mailbox again",
    "mailbox clean",
    "park discard",
    "park release",
    "replay",
    "restore",
    "topics create",
    "topics republish",
}
WRITES_FOR_GOOD: Final = {
    "backup create",
    "backup restore",
    "effects resume",
    "locks release",
    "mailbox clean",
    "park discard",
    "park release",
    "restore",
    "topics republish",
}
SHOWS_ITSELF: Final = {"run", "x12 mask"}
"""Commands whose answer is no document: a process that stays, an X12 file."""


def leaves(command: Any, *path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (typer's own click)
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    for name, each in command.commands.items():
        yield from leaves(each, *path, name)


APP: Final = application()
COMMANDS: Final = {words: each for name in NAMES for words, each in leaves(loaded(name), name)}
LINES: Final = re.findall(r"^\$ (?:\w+=\S+ )*claimlog (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
EACH = pytest.mark.parametrize("words", sorted(COMMANDS))


@EACH
def test_help_has_an_example_of_this_command(words: str) -> None:
    shown = CliRunner().invoke(APP, [*words.split(), "--help"])

    assert shown.exit_code == 0
    assert re.search(rf"Example: (?:\w+=\S+ )?claimlog {words}\b", " ".join(shown.output.split())), shown.output


@EACH
def test_command_is_on_the_page(words: str) -> None:
    assert any(line == words or line.startswith(f"{words} ") for line in LINES)


@pytest.mark.parametrize("line", LINES)
def test_line_of_the_page_is_a_command(line: str) -> None:
    given = shlex.split(line, comments=True)
    found = next(words for words in COMMANDS if given[: len(words.split())] == words.split())

    COMMANDS[found].make_context(found, given[len(found.split()) :])


def test_token_of_a_scope_that_no_route_asks_for_is_refused() -> None:
    answer = CliRunner().invoke(APP, ["token", "--scope", "claims.read", "--scope", "nope"])

    assert (answer.exit_code, "no route asks for nope" in answer.output) == (2, True)


@EACH
def test_answer_is_for_programs_too(words: str) -> None:
    options = {option for parameter in COMMANDS[words].params for option in parameter.opts}

    assert "--json" in options or words in SHOWS_ITSELF
    assert "--dry-run" in options or words not in WRITES
    assert "--yes" in options or words not in WRITES_FOR_GOOD


@pytest.mark.parametrize("name", NAMES)
def test_list_says_of_a_command_how_its_own_help_begins(name: str) -> None:
    listed = typer.main.get_command(APP).commands[name].help  # type: ignore[attr-defined]  # it is a group

    assert " ".join(loaded(name).help.partition("\n\n")[0].split()) == listed


def modules(*words: str) -> set[str]:
    """Return what a new process has loaded once the command line has answered these words."""
    program = "import atexit, sys; from apps.cli.main import main; atexit.register(lambda: print(*sys.modules)); main()"
    shown = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, cwd=ROOT)  # noqa: S603, PLW1510 (ours; wrong words end with 2)
    return set(shown.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [(), ("--help",), ("sttus",), ("--wrong",)])
def test_who_asks_for_no_command_waits_for_none(words: tuple[str, ...]) -> None:
    assert not {"apps.cli.settings", "httpx", "asyncio", "services", "shared.runtime"} & modules(*words)


def test_command_does_not_wait_for_what_others_need() -> None:
    found = modules("status", "--help")

    assert "apps.cli.status" in found
    assert not {"fhir", "apps.cli.importing", "apps.cli.x12", "shared.runtime.tokens", "services"} & found


def test_shell_completion_knows_the_commands() -> None:
    shown = CliRunner().invoke(
        APP,
        [],
        env={
            "_CLAIMLOG_COMPLETE": "complete_bash",
            "COMP_WORDS": "claimlog park re",
            "COMP_CWORD": "2",
            "_TYPER_COMPLETE_ARGS": "claimlog park re",
        },
        prog_name="claimlog",
    )

    assert "release" in shown.output
