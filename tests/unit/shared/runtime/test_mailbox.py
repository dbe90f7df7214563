"""`shared/runtime/mailbox.py`: how many files are fetched at once, and what is kept where one cannot be."""

from dataclasses import dataclass, field

import pytest

from shared.runtime.mailbox import FILES_AT_ONCE, FileRefused, MailboxFile, portions


@dataclass
class Box:
    """Files under their numbers; those in `gone` cannot be fetched."""

    gone: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    taken: list[list[str]] = field(default_factory=list)

    async def fetch(self, remote_id: str) -> bytes:
        """Return a file."""
        if remote_id in self.gone:
            raise ConnectionError(remote_id)
        if remote_id in self.refused:
            raise FileRefused(remote_id)
        return remote_id.encode()

    async def read(self, count: int) -> list[tuple[list[str], bool]]:
        """Return what each portion of so many files holds, and whether it ends the listing."""
        files = [MailboxFile(remote_id=str(number), file_name="") for number in range(count)]
        found = []
        async for portion in portions(files, self.fetch):
            names = [file.remote_id for file, content in portion.files if content == file.remote_id.encode()]
            self.taken.append(names)
            found.append((names, portion.is_last))
        return found


def numbers(*given: int) -> list[str]:
    return [str(each) for each in given]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, []),
        (1, [(numbers(0), True)]),
        (3, [(numbers(0, 1), False), (numbers(2), True)]),
        (
            FILES_AT_ONCE + 2,
            [
                (numbers(*range(FILES_AT_ONCE)), False),
                (numbers(FILES_AT_ONCE), False),
                (numbers(FILES_AT_ONCE + 1), True),
            ],
        ),
    ],
)
async def test_last_file_of_a_listing_comes_alone(count: int, expected: list[tuple[list[str], bool]]) -> None:
    assert await Box().read(count) == expected


@pytest.mark.parametrize(
    ("megabytes", "together"),
    [
        ([1, 1, 1, 1], [3, 1]),
        ([4, 4, 4, 1], [2, 1, 1]),
        ([9, 9, 9, 1], [1, 1, 1, 1]),
        ([1, 9, 1, 1], [1, 1, 1, 1]),
        ([0] * 4, [3, 1]),  # nobody said how large they are
    ],
)
async def test_large_files_are_fetched_one_by_one(megabytes: list[int], together: list[int]) -> None:
    box = Box()
    files = [
        MailboxFile(remote_id=str(number), file_name="", size_bytes=size * 1_000_000)
        for number, size in enumerate(megabytes)
    ]
    found = [portion async for portion in portions(files, box.fetch)]

    assert [len(portion.files) for portion in found] == together
    assert [file for portion in found for file, _ in portion.files] == files


@pytest.mark.parametrize(("gone", "taken"), [("0", []), ("2", [["0", "1"]]), ("4", [["0", "1", "2", "3"]])])
async def test_keeps_what_lay_before_a_file_that_cannot_be_fetched(gone: str, taken: list[list[str]]) -> None:
    box = Box(gone=frozenset({gone}))

    with pytest.raises(ConnectionError, match=gone):
        await box.read(5)

    assert box.taken == taken


@pytest.mark.parametrize("refused", ["0", "2", "4"])
async def test_file_that_is_refused_keeps_none_behind_it(refused: str) -> None:
    box = Box(refused=frozenset({refused}))
    files = [MailboxFile(remote_id=str(number), file_name="") for number in range(5)]
    found = [portion async for portion in portions(files, box.fetch)]

    assert [each.remote_id for portion in found for each in portion.refused] == [refused]
    assert [file.remote_id for portion in found for file, _ in portion.files] == numbers(*{*range(5)} - {int(refused)})
    assert [portion.is_last for portion in found] == [False, True]
    assert {file.remote_id for portion in found for file in portion.contents} == {*numbers(*range(5))}
