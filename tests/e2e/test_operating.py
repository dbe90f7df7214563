"""Every operator's command as a person types it, on the sample practice, when nothing runs there.

Next: `test_operating_beside.py`, while claimlog runs.
"""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from apps.embedded.settings import SERVICES
from tests.e2e.conftest import Demo, until_ready
from tests.support.programs import REPOSITORY, claimlog, environment
from tools.kafka.node import free_port

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def asked(*words: str, data: Path, code: int = 0, **more: str) -> Mapping[str, Any]:
    """Return the JSON document of a command that ends with a code."""
    finished = claimlog(*words, "--json", data=data, **more)

    assert finished.code == code, (words, finished.out, finished.err)
    return finished.outcome


def shown(*words: str, data: Path, code: int = 0, **more: str) -> str:
    """Return what a command shows people."""
    finished = claimlog(*words, data=data, **more)

    assert finished.code == code, (words, finished.out, finished.err)
    return finished.out


def test_a_command_that_is_told_to_end_takes_its_servers_with_it(demo: Demo) -> None:
    port = free_port()
    words, told = [sys.executable, "-m", "apps.cli.main", "run"], environment(demo.data, CLAIMLOG_PORT=str(port))
    with (demo.data / "run.log").open("w") as said:
        process = subprocess.Popen(words, cwd=REPOSITORY, env=told, stdout=said, stderr=said)  # noqa: S603 (ours)
        try:
            until_ready(port)
        finally:
            process.terminate()
            process.wait(timeout=60)

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/payments/readyz")


def test_status_of_a_folder_on_which_nothing_runs(demo: Demo) -> None:
    document = asked("status", data=demo.data)
    text = shown("status", "--service", "claims", data=demo.data)

    assert list(document["services"]) == list(SERVICES)
    assert all(each["position"] > 0 and not any(each["jobs"].values()) for each in document["services"].values())
    assert all(each["relay"]["behind"] == 0 for each in document["services"].values())
    assert "nobody works" in text
    assert "claims" in text
    assert "coding" not in text


def test_invariants_hold_on_the_sample_practice(demo: Demo) -> None:
    document = asked("verify", "--quick", "--service", "payments", "--service", "claims", data=demo.data)
    text = shown("verify", "--quick", "--service", "coding", data=demo.data)

    assert list(document["services"]) == ["claims", "payments"]
    assert all(one["holds"] for each in document["services"].values() for one in each["invariants"])
    assert "facts a second" in text


def test_replay_that_only_compares_finds_no_difference(demo: Demo) -> None:
    document = asked("replay", "--service", "validation", "--dry-run", data=demo.data)

    assert document["services"]["validation"]["projections"]
    assert all(not each["differences"] for each in document["services"]["validation"]["projections"])


def test_replay_builds_a_read_model_anew_and_a_second_time_too(demo: Demo) -> None:
    for _ in range(2):
        asked("replay", "--service", "validation", "--projection", "scrubs", data=demo.data)

    unknown = asked("replay", "--service", "validation", "--projection", "nothing", data=demo.data, code=1)
    assert "it has codes, coded_days, days, encounters" in unknown["errors"]["validation"]["message"]


def test_replay_that_is_interrupted_goes_on_when_it_is_asked_again(demo: Demo) -> None:
    words = [sys.executable, "-m", "apps.cli.main", "replay", "--service", "validation", "--projection", "scrubs"]
    told = {"CLAIMLOG_VALIDATION_REPLAY_CHUNK_MAX": "100", "CLAIMLOG_FAILPOINT": "rebuild.chunk:stop:2"}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it, and its children
    with subprocess.Popen(  # noqa: S603 (our own program)
        words,
        cwd=REPOSITORY,
        env=environment(demo.data, **told),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal of its own, as far as Ctrl-C is concerned
    ) as process:
        assert process.stderr is not None
        begun = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        going_on(process)
        said = process.stderr.read()
    left = next(each for each in read_models(demo) if each["name"] == "scrubs")
    asked("replay", "--service", "validation", "--projection", "scrubs", data=demo.data)
    compared = asked("replay", "--service", "validation", "--projection", "scrubs", "--dry-run", data=demo.data)

    assert begun.startswith("validation: scrubs: 100 of ")
    assert process.returncode == 130, said
    assert "Traceback" not in said, said
    assert left["rebuilt"] is not None
    assert compared["services"]["validation"]["projections"][0]["differences"] == 0


def read_models(demo: Demo) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = asked("status", "--service", "validation", data=demo.data)["services"][
        "validation"
    ]["read_models"]
    return found


@stamina.retry(on=subprocess.TimeoutExpired, timeout=90, wait_initial=0.05, wait_max=0.05, attempts=None)
def going_on(process: subprocess.Popen[str]) -> None:
    """Let what stopped at its failpoint take the signal that it has."""
    os.killpg(process.pid, signal.SIGCONT)
    process.wait(timeout=1)


def test_restore_finds_nothing_to_do(demo: Demo) -> None:
    document = asked("restore", "--service", "coding", "--dry-run", data=demo.data)

    assert document["services"]["coding"]["outcome"] == "nothing-to-restore"


def test_effects_and_locks_are_listed_and_resumed_without_need(demo: Demo) -> None:
    claims = ("--service", "claims")
    effects = asked("effects", "list", data=demo.data)
    resumed = asked("effects", "resume", *claims, "--yes", data=demo.data)
    locks = asked("locks", "list", *claims, data=demo.data)

    assert effects["services"] == {name: {"held": False, "intents": []} for name in SERVICES}
    assert resumed["services"]["claims"]["resumed"] is False
    assert locks["services"]["claims"]["streams"] == []


def test_nothing_is_cleared_over_http_nor_read_again_without_need(demo: Demo) -> None:
    cleaned = asked("mailbox", "clean", "--older-than", "12w", "--yes", data=demo.data)
    again = asked("mailbox", "again", data=demo.data)

    nothing = {"channel": "http", "dry_run": False}
    assert cleaned["services"] == dict.fromkeys(("claims", "payments"), nothing | {"files": [], "uploads": []})
    assert again["services"] == dict.fromkeys(("claims", "payments"), nothing | {"read": [], "left": []})


def test_topics_are_there_and_made_again_without_a_change(demo: Demo) -> None:
    for verb in ("check", "create"):
        document = asked("topics", verb, "--service", "coding", data=demo.data)
        assert document["services"]["coding"]["wrong"] == {}
    planned = asked("topics", "republish", "--service", "coding", "--from", "1", "--dry-run", data=demo.data)
    assert sum(planned["services"]["coding"]["sent"].values()) > 0


def test_config_names_sources_and_what_nobody_knows(demo: Demo) -> None:
    document = asked("config", data=demo.data)
    mistaken = asked("config", data=demo.data, code=1, CLAIMLOG_CODING_POLL_SIZES="7", CLAIMLOG_DATE="var")
    by_name = {each["variable"]: each for each in document["programs"]["claims"]["settings"]}

    assert by_name["CLAIMLOG_CLAIMS_DATABASE_URL"]["source"] == "embedded"
    assert by_name["CLAIMLOG_CLAIMS_POLL_SIZE"]["source"] == "default"
    assert mistaken["programs"]["coding"]["unknown"] == ["CLAIMLOG_CODING_POLL_SIZES"]
    assert mistaken["programs"]["embedded"]["unknown"] == ["CLAIMLOG_DATE"]


def test_doctor_finds_nothing_wrong(demo: Demo) -> None:
    document = asked("doctor", data=demo.data)

    assert {look["level"] for look in document["checks"]} <= {"ok", "warn"}
    assert {look["of"] for look in document["checks"]} == {"machine", *SERVICES}


def test_doctor_names_a_server_that_is_away(demo: Demo) -> None:
    text = shown("doctor", data=demo.data, code=1, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert "fail machine: database-server" in text
    assert "mend:" in text


def test_parked_records_are_asked_for_over_http(demo: Demo) -> None:
    finished = claimlog("park", "list", data=demo.data, CLAIMLOG_PORT=str(free_port()))

    assert finished.code == 1
    assert "start it with `claimlog run`" in " ".join(finished.err.split())


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--service", "clams"),
        ("replay", "--service", "claims", "--to-position", "3", "--as-of", "2026-03-03"),
        ("replay", "--service", "claims", "--to-position", "3", "--dry-run"),
        ("replay",),
        ("park", "release", "--service", "claims"),
        ("topics", "republish", "--service", "claims", "--from", "0"),
        ("backup", "create"),
        ("verify", "--fast"),
    ],
    ids=" ".join,
)
def test_wrong_words_end_with_2_and_start_nothing(words: tuple[str, ...], folder: Path) -> None:
    finished = claimlog(*words, data=folder / "words")

    assert finished.code == 2
    assert not (folder / "words").exists()


def test_folder_without_claimlog_is_named(folder: Path) -> None:
    finished = claimlog("status", data=folder / "none")

    assert finished.code == 1
    assert "set CLAIMLOG_DATA to another" in " ".join(finished.err.split())
    assert not (folder / "none").exists()


def test_nobody_says_yes_and_nothing_is_done(demo: Demo, folder: Path) -> None:
    (folder / "kept.zip").write_text("mine")
    finished = claimlog("backup", "create", str(folder / "kept.zip"), data=demo.data)

    assert finished.code == 1
    assert "--yes" in finished.err
    assert (folder / "kept.zip").read_text() == "mine"


def test_a_terminal_gets_colours_unless_somebody_says_that_it_should_not(folder: Path) -> None:
    coloured = on_terminal("park", "list", data=folder / "colours")
    plain = on_terminal("park", "list", data=folder / "colours", NO_COLOR="1")

    assert "\x1b[31m" in coloured
    assert "start it with" in plain
    assert "\x1b[" not in plain


def on_terminal(*words: str, data: Path, **more: str) -> str:
    """Return what a command shows on a terminal."""
    ours, its = pty.openpty()
    told = environment(data, CLAIMLOG_PORT=str(free_port()), TERM="xterm-256color", **more)
    program = [sys.executable, "-m", "apps.cli.main", *words]
    subprocess.run(program, cwd=REPOSITORY, env=told, stdin=its, stdout=its, stderr=its, check=False)  # noqa: S603 (ours)
    os.close(its)
    with os.fdopen(ours, "rb") as read:
        return read.read1(1_000_000).decode()
