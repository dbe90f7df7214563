"""What is put in the attic is found there, leaves no file behind, and is not half kept on a full disk."""

import os
from pathlib import Path
from typing import Any

import pytest

from apps.simulator.attic import Attic


def test_what_is_put_there_is_found(tmp_path: Path) -> None:
    attic = Attic(tmp_path)
    contents = [b"", b"first", bytes(100_000), os.urandom(100_000), b"last"]

    places = [attic.put(each) for each in contents]

    assert [attic.get(each) for each in reversed(places)] == contents[::-1]


def test_nobody_finds_its_file_and_it_goes_with_it(tmp_path: Path) -> None:
    attic = Attic(tmp_path)
    attic.put(b"first")
    opened = _opened(tmp_path)

    del attic

    assert (list(tmp_path.iterdir()), opened, _opened(tmp_path)) == ([], 1, 0)


def test_a_full_disk_keeps_nothing_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attic = Attic(tmp_path)
    first = attic.put(b"first")

    def full(file: int, content: bytes, place: int, _pwrite: Any = os.pwrite) -> int:  # noqa: ANN401 (the real one)
        written: int = _pwrite(file, content[:3], place)
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="takes no more"):
            attic.put(b"second")
    third = attic.put(b"third")

    assert (attic.get(first), attic.get(third)) == (b"first", b"third")


def _opened(folder: Path) -> int:
    """Return how many files of a folder this process has open, named or not."""
    opened = list(Path("/proc/self/fd").iterdir())
    return sum(str(each.readlink()).startswith(f"{folder}/") for each in opened if each.is_symlink())
