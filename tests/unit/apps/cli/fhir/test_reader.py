"""Files to resources, each with its place; what is no resource is reported there and reading goes on."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from apps.cli.fhir import reader
from apps.cli.fhir.reader import Found, NothingToImport, UnreadableArchive, read
from apps.cli.fhir.records import Failure

ONE = b'{"resourceType":"Patient","id":"1"}\n'
TWO = b'{"resourceType":"Patient","id":"2"}\n'
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "1"}},
        {"request": {"method": "DELETE", "url": "Patient/9"}},
        {"resource": {"resourceType": "Patient", "id": "2"}},
    ],
}


def _read(path: Path) -> list[tuple[str, str]]:
    return [
        (str(each.place), each.reason if isinstance(each, Failure) else str(each.resource.get("id")))
        for each in read(path)
    ]


def test_reads_lines_and_goes_on_behind_a_bad_one(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(ONE + b"\n{oops\n[1]\n" + TWO.rstrip())

    assert _read(path) == [
        ("a.ndjson:1", "1"),
        ("a.ndjson:3", "this is not JSON"),
        ("a.ndjson:4", "this is JSON, and no FHIR resource"),
        ("a.ndjson:5", "2"),
    ]


def test_reads_a_bundle_entry_by_entry(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(BUNDLE, indent=1).encode())
    first = next(iter(read(path)))

    assert isinstance(first, Found)
    assert first.full_url == "urn:uuid:1"
    assert _read(path) == [
        ("bundle.json:1", "1"),
        ("bundle.json:2", "the entry has no resource"),
        ("bundle.json:3", "2"),
    ]


def test_reads_a_single_resource(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(ONE)

    assert _read(tmp_path / "one.json") == [("one.json", "1")]


def test_reads_packed_lines(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(ONE + TWO))

    assert _read(tmp_path / "a.ndjson.gz") == [("a.ndjson.gz:1", "1"), ("a.ndjson.gz:2", "2")]


def test_reports_a_packed_file_that_breaks_off(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(ONE * 10_000)[:-20])

    assert _read(tmp_path / "a.ndjson.gz")[-1] == ("a.ndjson.gz", "the file is damaged or breaks off")


@pytest.mark.parametrize("name", ["x.tgz", "x.tar.gz"])
def test_reads_an_archive_and_leaves_other_files_alone(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / name, "w:gz") as archive:
        for inside, content in (("d/a.ndjson", ONE), ("d/readme.txt", b"hello"), ("d/b.ndjson.gz", gzip.compress(TWO))):
            member = tarfile.TarInfo(inside)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

    assert _read(tmp_path / name) == [(f"{name}/d/a.ndjson:1", "1"), (f"{name}/d/b.ndjson.gz:1", "2")]


def test_refuses_a_damaged_archive(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(gzip.compress(ONE)[:-12])

    with pytest.raises(UnreadableArchive):
        _read(tmp_path / "x.tgz")


def test_reads_a_folder_in_the_same_order_every_time(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.ndjson").write_bytes(TWO)
    (tmp_path / "a.json").write_bytes(ONE)
    (tmp_path / "notes.txt").write_text("nothing")

    assert _read(tmp_path) == [("a.json", "1"), ("deep/b.ndjson:1", "2")]


def test_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport):
        list(read(tmp_path / "missing"))
    with pytest.raises(NothingToImport):
        list(read(tmp_path))


def test_does_not_take_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LINE_BYTES_MAX", 40)
    (tmp_path / "a.ndjson").write_bytes(ONE + b" " * 100 + TWO)

    assert _read(tmp_path / "a.ndjson")[-1] == ("a.ndjson:2", "the line is longer than a resource may be")


def test_does_not_take_a_document_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "DOCUMENT_BYTES_MAX", 10)
    (tmp_path / "a.json").write_bytes(ONE)

    assert _read(tmp_path / "a.json") == [("a.json", "the file is larger than a document may be: send it as NDJSON")]
