"""Files to resources: a file, a folder or an archive of JSON and NDJSON, with or without gzip; each with its place.

Owns: formats and limits. Refuses: meaning; a resource is a JSON object with a `resourceType` here. What cannot be read
is returned as a failure at its place, and reading goes on behind it.
"""

import gzip
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, TypeGuard, cast

from apps.cli.fhir.records import Failure, Place
from shared.kernel.errors import Malformed, NotFound

DOCUMENT_BYTES_MAX: Final = 500_000_000
LINE_BYTES_MAX: Final = 20_000_000
_LINES: Final = (".ndjson", ".jsonl")
_DOCUMENTS: Final = (".json",)
_ARCHIVES: Final = (".tgz", ".tar.gz", ".tar")

Resource: TypeAlias = dict[str, Any]


class NothingToImport(NotFound):
    """The path does not exist, or holds nothing that looks like FHIR."""

    slug = "import-nothing-found"


class UnreadableArchive(Malformed):
    """The archive is damaged; what was read before it broke off is not the whole of it."""

    slug = "import-unreadable-archive"


@dataclass(frozen=True, slots=True)
class Found:
    """One resource. **Shape**: `full_url` is its name inside a bundle, where it has one."""

    place: Place
    resource: Resource
    full_url: str = ""


def read(path: Path) -> Iterator[Found | Failure]:
    """Return every resource below a path, in a stable order. **Errors**: `NothingToImport`, `UnreadableArchive`."""
    if not path.exists():
        raise NothingToImport("no file or folder has this name")
    empty = True
    for name, content in _files(path):
        empty = False
        yield from _resources(name, content)
    if empty:
        raise NothingToImport("neither .json nor .ndjson, packed or not, is there")


def _files(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Return each file with its name relative to what was asked for."""
    if path.is_dir():
        for inside in sorted(each for each in path.rglob("*") if each.is_file()):
            for name, content in _files(inside):
                yield f"{inside.relative_to(path)}{name.removeprefix(inside.name)}", content
    elif path.name.endswith(_ARCHIVES):
        yield from ((f"{path.name}/{name}", content) for name, content in _archived(path))
    elif _looks_like_fhir(path.name):
        with path.open("rb") as content:
            yield path.name, content


def _archived(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() and _looks_like_fhir(member.name) else None
                if content is not None:
                    yield member.name, content
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
        raise UnreadableArchive("the archive is damaged: fetch it again") from error


def _looks_like_fhir(name: str) -> bool:
    return name.removesuffix(".gz").endswith(_LINES + _DOCUMENTS)


def _resources(name: str, content: IO[bytes]) -> Iterator[Found | Failure]:
    plain = cast("IO[bytes]", gzip.GzipFile(fileobj=content)) if name.endswith(".gz") else content
    by_line = name.removesuffix(".gz").endswith(_LINES)
    try:
        yield from _lines(name, plain) if by_line else _document(name, plain)
    except (EOFError, gzip.BadGzipFile):
        yield Failure(Place(name, 0), "", "the file is damaged or breaks off")


def _lines(name: str, content: IO[bytes]) -> Iterator[Found | Failure]:
    number = 0
    while line := content.readline(LINE_BYTES_MAX):
        number += 1
        place = Place(name, number)
        if len(line) == LINE_BYTES_MAX and not line.endswith(b"\n"):
            yield Failure(place, "", "the line is longer than a resource may be")
            return
        if line.strip():
            yield _parsed(place, line)


def _document(name: str, content: IO[bytes]) -> Iterator[Found | Failure]:
    text = content.read(DOCUMENT_BYTES_MAX + 1)
    if len(text) > DOCUMENT_BYTES_MAX:
        yield Failure(Place(name, 0), "", "the file is larger than a document may be: send it as NDJSON")
        return
    found = _parsed(Place(name, 0), text)
    if isinstance(found, Failure) or found.resource["resourceType"] != "Bundle":
        yield found
        return
    entries = found.resource.get("entry")
    for number, entry in enumerate(entries if isinstance(entries, list) else (), start=1):
        yield _entry(Place(name, number), entry)


def _entry(place: Place, entry: Any) -> Found | Failure:  # noqa: ANN401 (a JSON document has any shape)
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not _is_resource(resource):
        return Failure(place, "", "the entry has no resource")
    full_url = entry.get("fullUrl")
    return Found(place, resource, full_url if isinstance(full_url, str) else "")


def _parsed(place: Place, text: bytes) -> Found | Failure:
    try:
        resource = json.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return Failure(place, "", "this is not JSON")
    if not _is_resource(resource):
        return Failure(place, "", "this is JSON, and no FHIR resource")
    return Found(place, resource)


def _is_resource(value: object) -> TypeGuard[Resource]:
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)
