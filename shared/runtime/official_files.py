"""Official files of code sets as they were downloaded: opened, recognised, and made into tables.

Owns: archives, packed files, hashes, and which files belong together. Refuses: layouts (`shared/codesets/official.py`).
An archive in an archive is opened too, as the Medicare Coverage Database publishes. Nothing is unpacked to disk but
that. Next: `apps/cli/codesets.py`.
"""

import gzip
import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, Final

from shared.codesets.official import HEAD_BYTES, Built, Layout, Member, NotOfficial, Stated
from shared.codesets.systems import LAYOUTS
from shared.kernel.errors import Malformed

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_DEPTH_MAX: Final = 2
_READ_BYTES: Final = 1 << 20
UNPACKED_BYTES_MAX: Final = 16_000_000_000
"""Of one member: the largest file that is published (NPPES) has 10 GB."""


class FileNotOpened(Malformed):
    """A file cannot be opened or unpacked. **Shape**: the message names it."""

    slug = "official-file-not-opened"


class NothingRecognised(Malformed):
    """None of the files has a layout that is known. **Shape**: the message names the files and lists the layouts."""

    slug = "official-file-not-recognised"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as downloaded."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Group:
    """Files that make one table. **Shape**: `members` by name, each with the path of the download that it is in."""

    layout: Layout
    members: tuple[tuple[Path, str], ...]


def groups_in(paths: Sequence[Path]) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Return what can be built from files, and the names of the members that are no code set (read-me files, say).

    One file may hold two code sets, as that of HCPCS holds its modifiers too.

    **Errors**: `FileNotOpened`, `NothingRecognised`.
    """
    found: dict[int, list[tuple[Path, str]]] = defaultdict(list)
    others: list[str] = []
    for path in paths:
        with ExitStack() as stack:
            for name, stream in _members(path, stack):
                head = _Raw(stream, name).read(HEAD_BYTES) or b""
                places = [n for n, layout in enumerate(LAYOUTS) if layout.recognises(name, head)]
                for place in places:
                    found[place].append((path, name))
                if not places:
                    others.append(name)
    if not found:
        known = "\n".join(f"  {layout.about}" for layout in LAYOUTS)
        raise NothingRecognised(f"no layout that is known in {', '.join(others)}; these are read:\n{known}")
    return tuple(Group(LAYOUTS[n], tuple(sorted(found[n], key=lambda each: each[1]))) for n in sorted(found)), tuple(
        others
    )


def built(group: Group, stated: Stated) -> Built:
    """Return the table of a group. **Errors**: `NotOfficial`, `FileNotOpened`."""
    with ExitStack() as stack:
        paths = dict.fromkeys(path for path, _ in group.members)
        opened = {(path, name): stream for path in paths for name, stream in _members(path, stack)}
        members = [Member(name=name, lines=_lines(opened, path, name)) for path, name in group.members]
        return group.layout.build(members, stated)


def sources(group: Group) -> tuple[SourceFile, ...]:
    """Return the downloads that a group is in, with their hashes."""
    return tuple(_hashed(path) for path in dict.fromkeys(path for path, _ in group.members))


def _hashed(path: Path) -> SourceFile:
    with path.open("rb") as file:
        return SourceFile(path.name, file_digest(file, "sha256").hexdigest())


def _lines(opened: Mapping[tuple[Path, str], IO[bytes]], path: Path, name: str) -> Iterator[bytes]:
    """Return one member of a download as lines."""
    if (stream := opened.get((path, name))) is None:
        raise FileNotOpened(f"{name} is no longer in {path.name}")
    return _limited(io.BufferedReader(_Raw(stream, name), _READ_BYTES), name)


def _limited(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield lines up to a limit of bytes. **Errors**: `NotOfficial`: no file that is published is as large."""
    count = 0
    for line in lines:
        count += len(line)
        if count > UNPACKED_BYTES_MAX:
            raise NotOfficial(name, "it is larger than any file that is published")
        yield line


class _Raw(io.RawIOBase):
    """A stream as the buffer of the library wants it, whose reading of lines is five times faster than a zip's own.

    **Errors**: `FileNotOpened` where what was packed is damaged.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (whatever the buffer of the library is)
        """Read into a buffer; return how many bytes."""
        try:
            data = self._stream.read(len(buffer))
        except _DAMAGED as error:
            raise FileNotOpened(_advice(self._name, error)) from error
        buffer[: len(data)] = data
        return len(data)


_DAMAGED: Final = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What archives raise where they are cut off, damaged, encrypted or packed in a way that the library does not know."""


def _advice(name: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {name}"
    return f"{name} cannot be read ({type(error).__name__}): download it again"


def _members(path: Path, stack: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield what a download holds, by name, each open as long as the stack is. **Errors**: `FileNotOpened`."""
    try:
        yield from _inside(path.name, stack.enter_context(path.open("rb")), _DEPTH_MAX, stack)
    except _DAMAGED as error:
        raise FileNotOpened(_advice(path.name, error)) from error


def _inside(name: str, file: IO[bytes], depth: int, stack: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    magic = file.read(len(_ZIP))
    file.seek(0)
    if magic == _ZIP and depth:
        archive = stack.enter_context(zipfile.ZipFile(file))
        for member in sorted(archive.infolist(), key=lambda each: each.filename):
            if not member.is_dir():
                yield from _of_archive(f"{name}/{member.filename.rsplit('/', 1)[-1]}", archive, member, depth, stack)
    elif magic.startswith(_GZIP):
        yield name.removesuffix(".gz"), gzip.GzipFile(fileobj=file)  # type: ignore[misc]
    else:
        yield name, file


def _of_archive(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int, stack: ExitStack
) -> Iterator[tuple[str, IO[bytes]]]:
    stream = stack.enter_context(archive.open(member))
    if not member.filename.lower().endswith(".zip"):
        yield name, stream
        return
    inner = stack.enter_context(TemporaryFile())  # noqa: SIM115 (open as long as the stack is)
    copyfileobj(stream, inner)
    inner.seek(0)
    yield from _inside(name, inner, depth - 1, stack)
