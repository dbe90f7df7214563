"""Official files as they were downloaded: archives opened, layouts recognised, damage told."""

import gzip
import io
import zipfile
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from shared.codesets.official import Stated
from shared.runtime.official_files import FileNotOpened, NothingRecognised, built, groups_in, sources
from tests.support.pair_edits import HEADINGS, archives, row

ROW = row("11043", "11042", "19960101")
STATED = Stated(release="example", effective_from=date(2026, 10, 1))


def test_four_archives_are_one_table_and_what_is_beside_is_named(tmp_path: Path) -> None:
    paths = archives(tmp_path, ROW)
    (group,), others = groups_in(paths)
    made = built(group, Stated())

    assert (made.edition.release, made.rows) == ("2026Q4", 4)
    assert others == tuple(f"{path.name}/readme.txt" for path in paths)
    assert [each.sha256 for each in sources(group)] == [sha256(path.read_bytes()).hexdigest() for path in paths]


def test_a_packed_file_and_a_plain_one_are_read_alike(tmp_path: Path) -> None:
    text = (HEADINGS + ROW).encode()
    plain, packed = tmp_path / "ccipra.txt", tmp_path / "ccipra.txt.gz"
    plain.write_bytes(text)
    packed.write_bytes(gzip.compress(text))

    tables = [built(groups_in([path])[0][0], STATED) for path in (plain, packed)]

    assert tables[0].table == tables[1].table


def test_an_archive_in_an_archive_is_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("folder/ccipra.txt", HEADINGS + ROW)
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    (group,), _ = groups_in([outer])

    assert [name for _, name in group.members] == ["outer.zip/inner.zip/ccipra.txt"]
    assert built(group, STATED).rows == 1


def test_what_nobody_knows_is_named_with_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")

    with pytest.raises(NothingRecognised, match=r"(?s)letter\.txt; these are read:.*NCCI pair edits, practitioner"):
        groups_in([path])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotOpened, match=r"there is no file ccipra\.txt"):
        groups_in([tmp_path / "ccipra.txt"])


def test_one_file_may_hold_two_code_sets(tmp_path: Path) -> None:
    path = tmp_path / "HCPC2026_OCT_ANWEB.txt"
    path.write_text("A0425" + "00100" + "3" + "Ground mileage".ljust(81) + "\n")

    assert {group.layout.system.name for group in groups_in([path])[0]} == {"hcpcs", "modifiers"}


def test_an_archive_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = archives(tmp_path, ROW)[0]
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(FileNotOpened, match="download it again"):
        groups_in([path])


def test_damage_inside_is_told_and_nothing_is_built(tmp_path: Path) -> None:
    path = tmp_path / "ccipra.txt.gz"
    rows = [row(f"{number:05d}", "11042", "19960101") for number in range(20_000)]
    packed = gzip.compress((HEADINGS + "".join(rows)).encode())
    path.write_bytes(packed[: len(packed) // 2])
    (group,), _ = groups_in([path])

    with pytest.raises(FileNotOpened, match=r"ccipra\.txt cannot be read"):
        built(group, STATED)


def test_a_member_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ccipra.txt"
    path.write_text(HEADINGS + ROW)
    (group,), _ = groups_in([path])
    path.write_bytes(b"PK\x03\x04")

    with pytest.raises(FileNotOpened):
        built(group, STATED)
