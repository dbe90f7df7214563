"""`claimlog codesets` as a person types it: official files go in once, by licence, and every process finds them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import stamina

from shared.codesets.ncci_ptp import HOSPITAL
from tests.e2e.conftest import Demo, Served, open_folder, serving
from tests.e2e.test_operating import asked, shown
from tests.support.pair_edits import HEADINGS, archives, row
from tests.support.programs import claimlog
from tools.kafka.node import free_port

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ROW = row("11043", "11042", "19960101")
SYSTEM = "ncci_ptp_practitioner"


def test_files_become_an_edition_that_can_be_compared_and_replaced(folder: Path, tmp_path: Path) -> None:
    data, port = folder / "codesets", free_port()
    data.mkdir()
    files = [str(path) for path in archives(tmp_path, ROW)]
    told = str(port)
    with open_folder(data, port):
        unlicensed = claimlog("codesets", "load", *files, data=data, CLAIMLOG_PORT=told)
        planned = asked("codesets", "load", *files, "--accept-licence", "--dry-run", data=data, CLAIMLOG_PORT=told)
        (loaded,) = asked("codesets", "load", *files, "--accept-licence", data=data, CLAIMLOG_PORT=told)["loaded"]
        (again,) = asked("codesets", "load", *files, "--accept-licence", data=data, CLAIMLOG_PORT=told)["loaded"]
        corrected = tmp_path / "ccipra-corrected.txt"
        corrected.write_text(HEADINGS + ROW.replace("\t1\t", "\t0\t") + row("bad", "11042", "19960101"))
        days = ("--release", "2026Q4 corrected", "--from", "2026-10-01", "--to", "2026-12-31")
        words = ("codesets", "load", str(corrected), "--accept-licence", *days)
        overlapping = claimlog(*words, data=data, CLAIMLOG_PORT=told)
        replaced = claimlog(*words, "--replaces", loaded["sha256"], data=data, CLAIMLOG_PORT=told)
        status = shown("codesets", "status", code=3, data=data, CLAIMLOG_PORT=told)
        new = json.loads(claimlog("codesets", "status", "--json", data=data, CLAIMLOG_PORT=told).out)["code_sets"]
        (edition,) = next(each for each in new if each["system"] == SYSTEM)["editions"]
        diff = shown(
            "codesets", "diff", loaded["sha256"][:8], edition["sha256"][:8], code=1, data=data, CLAIMLOG_PORT=told
        )
        until_brought(data / "tables")

    assert unlicensed.code == 1
    assert "--accept-licence" in unlicensed.err
    assert (planned["loaded"][0]["state"], loaded["state"], again["state"]) == (
        "would be loaded",
        "in force",
        "was in force already",
    )
    assert (loaded["system"], loaded["release"], loaded["rows"]) == (SYSTEM, "2026Q4", 4)
    assert overlapping.code == 1
    assert "editions-overlap" in overlapping.err
    assert replaced.code == 3  # a row was left out
    assert "line 8: columns 1 and 2 are codes" in replaced.out
    assert "2026Q4 corrected" in status
    assert "mce: answers for 2015-10-01..2027-03-31, and for other days not loaded; Medicare Code Editor" in status
    assert f"ncci_ptp_hospital: not loaded; {HOSPITAL.title} from {HOSPITAL.source}" in status
    assert "11043/11042 1996-01-01" in diff
    assert "4 differences" in diff


@stamina.retry(on=(OSError, AssertionError), timeout=60, wait_initial=0.2, wait_max=1, attempts=None)
def until_brought(tables: Path) -> None:
    """Wait until a process has brought a table, and none is half here."""
    assert {path.suffix for path in tables.iterdir()} == {".table"}


@pytest.mark.parametrize(
    ("text", "says"),
    [("Dear reader", "these are read"), (HEADINGS + "11043\t11042\n", "line 7: 7 columns were expected")],
    ids=["nobody knows it", "columns"],
)
def test_a_wrong_file_is_named_with_its_line_before_anything_is_asked_for(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "ccipra.txt"
    file.write_text(text)
    words = ("--accept-licence", "--release", "x", "--from", "2026-10-01")
    finished = claimlog("codesets", "load", str(file), *words, data=tmp_path, CLAIMLOG_PORT="1")

    assert finished.code == 1
    assert says in " ".join(finished.err.split())


ADD_ONS = (
    "Primary_Code\tAdd-On_Code\tAOC_Edit_Type\tSpecial_Instruction_Notes\tAOC_Del_Dt\tPrimary_Code_Del_Dt"
    "\tAOC_Edit_Eff_Dt\tAOC_Edit_Del_Dt\r\n99291\t99292\t1\t\t\t\t2013001\t\r\n"
)


def test_what_was_scrubbed_without_a_table_is_scrubbed_again_once_it_is_here(
    demo_in: Callable[[str], Demo], tmp_path: Path
) -> None:
    demo, file = demo_in("late-table"), tmp_path / "AOC_V2026Q4-MCR.txt"
    data = demo.data
    file.write_text(ADD_ONS)
    with serving(demo) as served:
        held = asked(
            "findings", "list", "--severity", "error", "--rows", "1", data=data, code=3, CLAIMLOG_PORT=served.port
        )
        scrub = f"/validation/v1/scrubs/{held['findings'][0]['encounter_id']}"
        of_sent = f"/validation/v1/scrubs/{served.claim['encounter_id']}"
        before, sent = lacking(served.get(scrub)), served.get(of_sent)
        asked(
            "codesets",
            "load",
            str(file),
            "--accept-licence",
            "--from",
            "2013-01-01",
            data=data,
            CLAIMLOG_PORT=served.port,
        )
        until_scrubbed_with_it(served, scrub)
        history = served.get(f"{scrub}/history")["items"]
        doctor = asked("doctor", "--service", "coding", data=data, CLAIMLOG_PORT=served.port)["checks"]

        assert "add_ons" in before
        assert history[-1]["by"] == "validation/scrub_again_for_table"
        assert served.get(of_sent) == sent  # a payer has it
        assert {look["check"]: look["level"] for look in doctor}["code-tables-kept"] == "ok"


def lacking(scrub: Mapping[str, Any]) -> set[str]:
    return {each["missing_table"] for each in scrub["findings"]}


@stamina.retry(on=AssertionError, timeout=60, wait_initial=0.2, wait_max=1, attempts=None)
def until_scrubbed_with_it(served: Served, path: str) -> None:
    assert "add_ons" not in lacking(served.get(path))
