"""`claimlog x12` as a person calls it: what it prints, its exit codes, and files of any size."""

import json
import os
import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from apps.cli.main import application
from shared.x12.checks import check
from shared.x12.checks.masking import mask
from tests.unit.shared.x12.checks.bases import PROFESSIONAL, REMITTANCE
from tests.unit.shared.x12.checks.broken import Broken

RUNNER: Final = CliRunner()
VALID: Final = ("~".join(PROFESSIONAL) + "~").encode()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = Broken(list(PROFESSIONAL))
    file.element("CLM*", 2, "149.99")
    path = tmp_path / "broken.edi"
    path.write_bytes(file.content())
    return path


def test_check_says_where_what_and_how_to_mend_it(broken: Path) -> None:
    result = RUNNER.invoke(application(), ["x12", "check", str(broken)])

    assert result.exit_code == 1
    assert "segment 21, CLM02 in 2300: the charge of the claim is not the sum of its lines (-0.01 too much)" in (
        result.stdout
    )
    assert "make CLM02 the sum of SV102 or SV203. Rule 3-charge: 837 guides, CLM02" in result.stdout
    assert "1 errors" in result.stdout
    assert "DOE" not in result.stdout


def test_check_of_several_files_is_one_document(broken: Path, tmp_path: Path) -> None:
    other = tmp_path / "remittance.835"
    other.write_bytes(("~".join(REMITTANCE) + "~").encode())

    result = RUNNER.invoke(application(), ["x12", "check", "--json", str(broken), str(other)])
    document = json.loads(result.stdout)

    assert result.exit_code == 1
    assert [(each["errors"], each["left_out"]) for each in document["files"]] == [(1, 0), (0, 0)]
    (error,) = [each for each in document["files"][0]["findings"] if each["severity"] == "error"]
    assert (error["rule"], error["segment"], error["element"], error["loop"]) == ("3-charge", 21, "02", "2300")


def test_check_says_which_code_sets_nobody_loaded(tmp_path: Path) -> None:
    person = RUNNER.invoke(application(), ["x12", "check", "--reference", str(tmp_path), "-"], input=VALID)
    program = RUNNER.invoke(application(), ["x12", "check", "--json", "--reference", str(tmp_path), "-"], input=VALID)

    assert "for their lists are not loaded: ICD-10-CM, payer ids of the receiver, CPT and HCPCS" in person.stdout
    assert json.loads(program.stdout)["files"][0]["not_loaded"] == [
        "diagnosis",
        "payer",
        "procedure",
        "provider",
        "taxonomy",
    ]


def test_lists_of_the_user_are_asked(tmp_path: Path) -> None:
    lists = {
        "diagnosis": ("code,end", "E11.9,2025-12-31", "I10,", "J06.9,"),
        "payer": ("code", "99999"),
        "procedure": ("code", "99213", "36415", "99214"),
        "provider": ("code", "1234567893", "1987654328"),
        "taxonomy": ("Code,Grouping", "282N00000X,Hospitals"),
    }
    for kind, lines in lists.items():
        (tmp_path / f"{kind}.csv").write_text("\n".join(lines), encoding="utf-8")

    result = RUNNER.invoke(application(), ["x12", "check", "--json", "--reference", str(tmp_path), "-"], input=VALID)
    (report,) = json.loads(result.stdout)["files"]

    assert report["not_loaded"] == []
    assert {(each["rule"], each["segment"]) for each in report["findings"]} == {
        ("5-diagnosis", 22),
        ("5-taxonomy", 9),
        ("5-taxonomy", 24),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("taxonomy.csv", b"207Q00000X"),
        ("taxonomy.csv", b"code\n" + b"X" * 200_000),
        ("icd10cm.table", b"no table"),
        ("icd10cm.table", b""),
    ],
    ids=["no names of columns", "no columns", "no table", "empty"],
)
def test_a_list_that_is_none_is_a_wrong_word(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    result = RUNNER.invoke(application(), ["x12", "check", "--reference", str(tmp_path), "-"], input=VALID)

    assert result.exit_code == 2
    assert name in result.stderr


def test_a_file_with_warnings_alone_passes() -> None:
    result = RUNNER.invoke(application(), ["x12", "check", "-"], input=VALID)

    assert result.exit_code == 0
    assert "0 errors" in result.stdout


@pytest.mark.parametrize("command", ["check", "show", "mask"])
@pytest.mark.parametrize(("name", "why"), [("nothing.edi", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_said_in_one_line(command: str, name: str, why: str, tmp_path: Path) -> None:
    result = RUNNER.invoke(application(), ["x12", command, str(tmp_path / name)])

    assert result.exit_code == 1
    assert why in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_file_that_cannot_be_read_does_not_hide_the_others(broken: Path, tmp_path: Path) -> None:
    names = [str(tmp_path / "nothing.edi"), str(broken), str(tmp_path)]

    people, programs = (RUNNER.invoke(application(), ["x12", "check", *flags, *names]) for flags in ([], ["--json"]))
    reports = json.loads(programs.stdout)["files"]

    assert (people.exit_code, programs.exit_code) == (1, 1)
    assert "segment 21, CLM02 in 2300" in people.stdout
    assert people.stdout.index("No such file") < people.stdout.index("CLM02") < people.stdout.index("Is a directory")
    assert [(each["unreadable"], each["errors"]) for each in reports] == [
        ("No such file or directory", 0),
        (None, 1),
        ("Is a directory", 0),
    ]


@pytest.mark.parametrize("words", [["check"], ["check", "--clear", "x"], ["show", "a", "b"], ["mask", "--key-file"]])
def test_wrong_words_are_code_2(words: list[str]) -> None:
    assert RUNNER.invoke(application(), ["x12", *words]).exit_code == 2


def test_a_copy_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for target in ("folder", "nowhere/masked.edi"):
        result = RUNNER.invoke(application(), ["x12", "mask", "-", "--out", str(tmp_path / target)], input=VALID)

        assert result.exit_code == 1
        assert "--out" in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_copy_goes_into_a_pipe_and_over_a_link_as_they_are(tmp_path: Path) -> None:
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "file"
    os.mkfifo(pipe)
    link.symlink_to(file)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    codes = [
        RUNNER.invoke(application(), ["x12", "mask", "-", "--out", str(to)], input=VALID).exit_code
        for to in (pipe, link)
    ]
    reader.join()

    assert codes == [0, 0]
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert (len(read[0]), file.stat().st_size) == (len(VALID), len(VALID))


@pytest.mark.parametrize("command", ["show", "mask"])
def test_an_empty_file_is_said_to_be_empty(command: str) -> None:
    result = RUNNER.invoke(application(), ["x12", command, "-"], input=b"")

    assert result.exit_code == 1
    assert "empty" in result.stderr


def test_show_of_a_file_that_ends_early_is_a_whole_document() -> None:
    result = RUNNER.invoke(application(), ["x12", "show", "--json", "-"], input=VALID[:-30])

    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["lines"]) > 1


def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(VALID,))
    writer.start()
    result = RUNNER.invoke(application(), ["x12", "check", str(pipe)])
    writer.join()

    assert result.exit_code == 0


def test_show_hides_people_unless_told_otherwise() -> None:
    hidden = RUNNER.invoke(application(), ["x12", "show", "-"], input=VALID)
    clear = RUNNER.invoke(application(), ["x12", "show", "--clear", "-"], input=VALID)

    assert (hidden.exit_code, clear.exit_code) == (0, 0)
    assert "2010BA subscriber" in hidden.stdout
    assert "DOE" not in hidden.stdout
    assert "DOE, JOHN" in clear.stdout


def test_show_writes_no_control_characters_to_a_terminal() -> None:
    file = VALID.replace(b"*DOE*JOHN*", b"*D\x1b[2J*JOHN*", 1)

    result = RUNNER.invoke(application(), ["x12", "show", "--clear", "-"], input=file)

    assert "\x1b" not in result.stdout
    assert "D\N{REPLACEMENT CHARACTER}[2J" in result.stdout


def test_show_is_one_document_for_programs() -> None:
    result = RUNNER.invoke(application(), ["x12", "show", "--json", "-"], input=VALID)
    lines = json.loads(result.stdout)["lines"]

    assert [each["segment_id"] for each in lines if each["number"]] == [line.split("*")[0] for line in PROFESSIONAL]


def test_mask_writes_a_whole_file_that_is_as_valid(tmp_path: Path) -> None:
    key, target, source = tmp_path / "key", tmp_path / "masked.edi", tmp_path / "claims.edi"
    key.write_bytes(b"sixteen bytes and more")
    source.write_bytes(VALID)

    result = RUNNER.invoke(application(), ["x12", "mask", str(source), "--out", str(target), "--key-file", str(key)])

    assert result.exit_code == 0
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["claims.edi", "key", "masked.edi"]
    assert b"DOE" not in target.read_bytes()
    assert [each for each in check(target.read_bytes()) if each.is_error] == []


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_nobody_else_reads_a_masked_file_unless_they_could_read_it_before(tmp_path: Path, umask: int) -> None:
    new, there = tmp_path / "new.edi", tmp_path / "there.edi"
    there.touch()
    there.chmod(0o640)
    before = os.umask(umask)
    try:
        for target in (new, there):
            assert RUNNER.invoke(application(), ["x12", "mask", "-", "--out", str(target)], input=VALID).exit_code == 0
    finally:
        os.umask(before)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, there)] == [0o600, 0o640]


def test_mask_leaves_nothing_of_a_file_that_ends_early(tmp_path: Path) -> None:
    target = tmp_path / "masked.edi"

    result = RUNNER.invoke(application(), ["x12", "mask", "-", "--out", str(target)], input=VALID[:-30])

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"short")

    assert RUNNER.invoke(application(), ["x12", "mask", "-", "--key-file", str(key)], input=VALID).exit_code == 2


@pytest.mark.parametrize("look", [check, lambda source: mask(source, key=b"k")], ids=["check", "mask"])
def test_memory_does_not_grow_with_a_file(look: Callable[[Iterator[bytes]], Iterable[object]]) -> None:
    """One set with ten thousand lines more needs no more memory, but for the numbers by which duplicates are found."""
    lines = [*PROFESSIONAL]
    claim = lines[20:35]

    def peak(claims: int) -> int:
        def blocks() -> Iterator[bytes]:
            yield ("~".join(lines[:20]) + "~").encode()
            for number in range(claims):
                yield ("~".join([f"CLM*C{number}*150***11:B:1*Y*A*Y*Y", *claim[1:]]) + "~").encode()
            yield ("~".join(lines[-3:]) + "~").encode()

        tracemalloc.start()
        for _ in look(blocks()):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # guides are made when somebody first asks for them, and stay: two megabytes of whatever comes first
    assert peak(2_000) < peak(200) + 1_000_000
