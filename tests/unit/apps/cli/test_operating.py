"""Which programs are started for a command, and how their lines become one answer."""

import sys
from pathlib import Path

import pytest
from rich.console import Console

from apps.cli import operating
from apps.cli.operating import gravity, operate
from apps.cli.settings import Settings

ECHO = """
import json, sys
service = sys.argv[1]
words = sys.argv[2:]
for n in (1, 2):
    print(json.dumps({"kind": "progress", "service": service, "what": "facts", "done": n, "total": 2}), flush=True)
print("a library says something")
if words[0] == "fails":
    print(json.dumps({"kind": "error", "service": service, "slug": "no", "message": "it is away"}))
elif words[0] != "dies":
    print(json.dumps({"kind": "result", "service": service, "words": words}))
sys.exit(int(words[1]) if len(words) > 1 else 0)
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs be one that says its own words."""
    program = tmp_path / "echo.py"
    program.write_text(ECHO)

    def programs(_: object, services: list[str], words: list[str], **__: object) -> list[tuple[str, ...]]:
        return [(sys.executable, str(program), name, *words) for name in services]

    monkeypatch.setattr(operating, "_programs", programs)


def test_service_that_is_told_here_is_started_itself_and_the_rest_on_the_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLAIMLOG_CLAIMS_DATABASE_URL", "postgresql://h/d")
    settings = Settings.read()
    own, rest = operating._programs(settings, ["coding", "claims"], ["status"], together=True)  # noqa: SLF001

    assert own[1:] == ("-m", "shared.runtime.operate", "services.claims.main", "status")
    assert rest[1:] == ("-m", "apps.embedded.command", "operate", "--service", "coding", "--together", "--", "status")


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize("together", [True, False])
def test_answers_are_put_together_in_the_order_of_the_line(together: bool) -> None:  # noqa: FBT001 (an example)
    found = operate(["coding", "claims"], "status", together=together)

    assert list(found.results) == ["coding", "claims"]
    assert found.results["claims"] == {"words": ["status"]}
    assert (found.errors, found.code) == ({}, 0)


@pytest.mark.usefixtures("echo")
def test_failure_of_one_is_told_beside_the_answers_of_others() -> None:
    found = operate(["claims"], "fails", "1")

    assert found.errors == {"claims": {"slug": "no", "message": "it is away"}}
    assert found.code == 1


@pytest.mark.usefixtures("echo")
def test_program_that_says_nothing_is_a_failure() -> None:
    found = operate(["claims"], "dies", "0")

    assert (found.errors["claims"]["slug"], found.code) == ("no-answer", 1)


@pytest.mark.parametrize(("codes", "gravest"), [([0, 3], 3), ([3, 1], 1), ([1, 2, 0], 2), ([0, 0], 0), ([137, 3], 137)])
def test_gravest_exit_code_wins(codes: list[int], gravest: int) -> None:
    assert max(codes, key=gravity) == gravest


@pytest.mark.usefixtures("echo")
def test_progress_is_plain_lines_where_nobody_watches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "err").open("w+") as said:
        monkeypatch.setattr(operating, "SAYS", Console(file=said, width=100))
        operate(["claims"], "status")
        said.seek(0)

        assert "claims: facts: 2 of 2" in said.read()
