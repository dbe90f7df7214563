"""`shared/runtime/clearinghouse/folders.py`: what follows from which name is there, over a place that fails as told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.clearinghouse import folders
from shared.runtime.clearinghouse.folders import Away, Entry, FolderClearinghouse, Layout, Missing, Refused
from shared.runtime.clearinghouse.port import (
    Leavings,
    NotSent,
    OutcomeUnknown,
    Parcel,
    Standing,
)
from shared.runtime.mailbox import FileRefused

LAYOUT: Final = Layout(outbox="out", inbox="in", staging="stage")
KEY: Final = "B-1"
FINAL: Final = "out/B-1.x12"
SECOND: Final = 1_000_000_000


@dataclass
class Memory:
    """Files by path. **Shape**: `fails` are the answers of the next calls of a name, one after the other."""

    files: dict[str, bytes] = field(default_factory=dict)
    modified: dict[str, int] = field(default_factory=dict)
    fails: dict[str, list[Exception | None]] = field(default_factory=dict)
    happens_all_the_same: bool = False
    calls: list[str] = field(default_factory=list)

    def _may(self, call: str) -> Exception | None:
        self.calls.append(call)
        failures = self.fails.get(call, [])
        return failures.pop(0) if failures else None

    async def write(self, path: str, content: bytes) -> None:
        """Write, or half of it."""
        error = self._may("write")
        self.files[path] = content[: len(content) // 2] if error else content
        if error:
            raise error

    async def rename(self, old: str, new: str) -> None:
        """Rename, perhaps without saying so."""
        error = self._may("rename")
        if error and not self.happens_all_the_same:
            raise error
        if old not in self.files:
            raise Missing
        self.files[new] = self.files.pop(old)
        if error:
            raise error

    async def entry(self, path: str) -> Entry:
        """Return what is known of a file."""
        error = self._may("entry")
        if error:
            raise error
        if path not in self.files:
            raise Missing
        return Entry(name=path.rpartition("/")[2], size=len(self.files[path]), modified=self.modified.get(path, SECOND))

    async def entries(self, folder: str) -> Sequence[Entry]:
        """Return the files of a folder."""
        error = self._may("entries")
        if error:
            raise error
        return [await self.entry(path) for path in self.files if path.startswith(f"{folder}/")]

    async def read(self, path: str) -> bytes:
        """Return a file."""
        error = self._may("read")
        if error:
            raise error
        if path not in self.files:
            raise Missing
        return self.files[path]

    async def remove(self, path: str) -> None:
        """Remove a file."""
        error = self._may("remove")
        if error:
            raise error
        if self.files.pop(path, None) is None:
            raise Missing

    async def close(self) -> None:
        """Keep nothing open."""
        self.calls.append("close")


@dataclass
class Clock:
    """Seconds that a test sets."""

    at: float = 0

    def __call__(self) -> float:
        """Return them."""
        return self.at


def house(
    place: Memory, *, settle_seconds: float = 0, clock: Clock | None = None, sweeps: bool = False
) -> FolderClearinghouse:
    return FolderClearinghouse(
        place,
        replace(LAYOUT, sweeps=sweeps),
        channel="folder",
        settle_seconds=settle_seconds,
        clock=clock or Clock(),
    )


async def content() -> bytes:
    return b"ISA*00*a file~"


async def uploaded(at: FolderClearinghouse) -> Parcel:
    return Parcel(key=KEY, temporary_name=await at.prepare(Parcel(key=KEY), content))


async def test_uploads_under_a_name_of_each_attempts_own_that_nobody_reads() -> None:
    place = Memory()
    names = {await house(place).prepare(Parcel(key="B/1"), content) for _ in range(3)}

    assert len(names) == 3
    assert all(name.startswith(".claimlog-B%2F1-") and name.endswith(".tmp") for name in names)
    assert set(place.files) == {f"stage/{name}" for name in names}


async def test_leaves_nothing_of_an_upload_that_failed() -> None:
    place = Memory(fails={"write": [Refused()]})

    with pytest.raises(NotSent):
        await uploaded(house(place))
    assert place.files == {}


async def test_uploads_nothing_anew_where_an_earlier_upload_still_waits_for_its_name() -> None:
    place = Memory(fails={"rename": [Refused()]})
    parcel = await uploaded(house(place))
    with pytest.raises(NotSent):
        await house(place).send(parcel, content)

    again = await house(place).prepare(parcel, content)
    place.files.clear()
    anew = await house(place).prepare(parcel, content)

    assert again == parcel.temporary_name
    assert anew != parcel.temporary_name


async def test_sends_nothing_that_was_not_uploaded() -> None:
    place = Memory()

    with pytest.raises(NotSent):
        await house(place).send(Parcel(key=KEY), content)
    assert place.calls == []


@pytest.mark.parametrize("happens", [True, False])
async def test_tells_by_the_temporary_name_what_became_of_a_rename_that_nobody_answered(*, happens: bool) -> None:
    place = Memory(fails={"rename": [Away()]}, happens_all_the_same=happens)
    parcel = await uploaded(house(place))
    with pytest.raises(OutcomeUnknown):
        await house(place).send(parcel, content)

    found = await house(place).probe(parcel)

    assert found == ("B-1.x12" if happens else Standing.READY)


async def test_rename_that_another_one_did_is_not_done_again() -> None:
    place = Memory()
    parcel = await uploaded(house(place))
    await house(place).send(parcel, content)
    del place.files[FINAL]  # the receiver took it

    with pytest.raises(OutcomeUnknown):
        await house(place).send(parcel, content)
    assert await house(place).probe(parcel) == "B-1.x12"
    assert place.files == {}


async def test_file_that_waits_under_its_name_is_not_replaced() -> None:
    place = Memory()
    await house(place).send(await uploaded(house(place)), content)
    second = await uploaded(house(place))

    assert await house(place).send(second, content) == "B-1.x12"
    assert place.calls.count("rename") == 1


async def test_refused_rename_that_took_place_all_the_same_is_a_delivery() -> None:
    place = Memory(fails={"rename": [Refused()]}, happens_all_the_same=True)

    assert await house(place).send(await uploaded(house(place)), content) == "B-1.x12"


@pytest.mark.parametrize(
    ("sweeps", "is_taken", "expected"),
    [(False, True, "B-1.x12"), (False, False, "B-1.x12"), (True, False, "B-1.x12"), (True, True, Standing.UNKNOWABLE)],
)
async def test_asks_a_person_only_where_names_are_swept_and_the_file_is_not_seen(
    *, sweeps: bool, is_taken: bool, expected: str | Standing
) -> None:
    place = Memory()
    parcel = await uploaded(house(place))
    await house(place).send(parcel, content)
    if is_taken:
        del place.files[FINAL]

    assert await house(place, sweeps=sweeps).probe(parcel) == expected


@pytest.mark.parametrize("error", [Away(), Missing(), Refused()])
async def test_folder_that_is_gone_itself_says_nothing_of_its_files(error: Exception) -> None:
    place = Memory(fails={"entries": [error]})

    with pytest.raises(OutcomeUnknown):
        await house(place).probe(Parcel(key=KEY, temporary_name="gone"))


@given(st.lists(st.sampled_from(["prepare", "send", "probe", "crash", "take"]), min_size=1, max_size=12), st.data())
async def test_no_order_of_crashes_and_repeats_delivers_twice(steps: list[str], data: st.DataObject) -> None:
    """As `effects.py` goes about it: prepare, then a fence with the name, then send; after a crash only probe."""
    place = Memory()
    at = house(place)
    fenced: Parcel | None = None
    delivered = 0
    for step in steps:
        place.fails["rename"] = [data.draw(st.sampled_from([None, Away(), Refused()]))]
        place.happens_all_the_same = data.draw(st.booleans())
        try:
            match step:
                case "prepare" if fenced is None:
                    await uploaded(at)  # killed before the fence: it stays, and is nobody's
                case "send" if fenced is None:
                    fenced = await uploaded(at)
                    await at.send(fenced, content)
                case "send" | "probe" if fenced is not None and await at.probe(fenced) is Standing.READY:
                    await at.send(fenced, content)
                case "crash":
                    at = house(place)
                case "take" if place.files.pop(FINAL, None) is not None:
                    delivered += 1
                case _:
                    pass
        except (NotSent, OutcomeUnknown):
            pass
    delivered += FINAL in place.files

    assert delivered <= 1
    if fenced is not None:
        assert (await at.probe(fenced) is Standing.READY) == (delivered == 0)


async def test_takes_a_file_once_it_no_longer_changes() -> None:
    place, clock = Memory({"in/a.835": b"mon"}), Clock()
    reader = house(place, settle_seconds=5, clock=clock)

    async def names() -> list[str]:
        return [each.file_name for each in (await reader.list(None)).files]

    early = await names()
    clock.at = 4
    place.files["in/a.835"] += b"ey"
    changed = await names()
    clock.at = 8
    waiting = await names()
    clock.at = 9
    settled = await names()

    assert (early, changed, waiting, settled) == ([], [], [], ["a.835"])


@pytest.mark.parametrize(
    "name", [".835.x12", "835.x12.tmp", "835.PART", "835.filepart", "a.x12.writing", "a.partial", ".claimlog-B-1.tmp"]
)
async def test_leaves_alone_what_somebody_still_writes(name: str) -> None:
    assert (await house(Memory({f"in/{name}": b"mon"})).list(None)).files == ()


async def test_lists_by_age_then_name_and_again_from_the_beginning() -> None:
    place = Memory({"in/b": b"1", "in/a": b"2", "in/c": b"3"}, {"in/b": SECOND, "in/a": SECOND, "in/c": SECOND // 2})
    listing = await house(place).list("whatever")

    assert [each.file_name for each in listing.files] == ["c", "a", "b"]
    assert listing.next is None


async def test_name_that_is_used_again_is_another_file() -> None:
    place = Memory({"in/835": b"one"})
    (first,) = (await house(place).list(None)).files
    place.files["in/835"], place.modified["in/835"] = b"two", 2 * SECOND
    (second,) = (await house(place).list(None)).files

    assert first.remote_id != second.remote_id
    assert await house(place).fetch(second.remote_id) == b"two"
    with pytest.raises(NotSent):
        await house(place).fetch(first.remote_id)


@given(st.text(st.characters(blacklist_characters="/\x00"), min_size=1).filter(lambda name: name not in {".", ".."}))
async def test_any_name_comes_back_as_it_was(name: str) -> None:
    name = name.encode("utf-8", "ignore").decode() or "x"
    place = Memory({f"in/{name}": b"x"})
    remote_id = Entry(name=name, size=1, modified=SECOND).remote_id

    assert remote_id.isascii()
    assert await house(place).fetch(remote_id) == b"x"


async def test_name_in_another_encoding_is_read_and_shown() -> None:
    place = Memory({"in/\udcc4.835": b"x"})
    (file,) = (await house(place).list(None)).files

    assert file.file_name.encode().decode() == "\N{REPLACEMENT CHARACTER}.835"
    assert await house(place).fetch(file.remote_id) == b"x"


@pytest.mark.parametrize("remote_id", ["1-1-..%2F..%2Fetc%2Fpasswd", "1-1-%2Fetc", "1-1-..", "1-1-", "1-1-a%00b"])
async def test_no_id_leads_out_of_the_mailbox(remote_id: str) -> None:
    place = Memory()

    with pytest.raises(NotSent):
        await house(place).fetch(remote_id)
    assert place.calls == []


@pytest.mark.parametrize(("error", "expected"), [(Away(), NotSent), (Missing(), NotSent), (Refused(), FileRefused)])
async def test_tells_a_file_that_may_not_be_read_from_a_place_that_is_away(
    error: Exception, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        await house(Memory({"in/a": b"x"}, fails={"read": [error]})).fetch(f"{SECOND}-1-a")


async def test_does_not_hand_on_a_file_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "FILE_BYTES_MAX", 3)

    with pytest.raises(FileRefused):
        await house(Memory({"in/a": b"four"})).fetch(f"{SECOND}-4-a")


async def test_removes_what_is_old_and_nothing_that_changed() -> None:
    upload = ".claimlog-B%2F1-2-0123456789abcdef.tmp"
    old = ["in/a", "in/b", "in/c", f"stage/{upload}", "stage/theirs.tmp", "stage/.claimlog-B-1.tmp"]
    place = Memory(dict.fromkeys(old, b"x") | {"in/young": b"y"}, {"in/young": 10 * SECOND})
    before = datetime.fromtimestamp(5, UTC)
    found = await house(place).leavings(before)
    place.modified["in/b"] = 4 * SECOND
    del place.files["in/c"]
    await house(place).remove(found)

    assert found == Leavings(
        remote_ids=(f"{SECOND}-1-a", f"{SECOND}-1-b", f"{SECOND}-1-c"),
        uploads=(Parcel(key="B/1-2", temporary_name=upload),),
    )
    assert set(place.files) == {"in/b", "in/young", "stage/theirs.tmp", "stage/.claimlog-B-1.tmp"}


@pytest.mark.parametrize("error", [Away(), Refused()])
async def test_says_later_where_the_place_does_not_answer(error: Exception) -> None:
    with pytest.raises(NotSent):
        await house(Memory(fails={"entries": [error]})).list(None)
    with pytest.raises(NotSent):
        await house(Memory(fails={"entries": [error]})).leavings(datetime.fromtimestamp(5, UTC))
    with pytest.raises(NotSent):
        await house(Memory(fails={"remove": [error]})).remove(Leavings(uploads=(Parcel(key="a", temporary_name="a"),)))
    with pytest.raises(OutcomeUnknown):
        await house(Memory(fails={"entry": [error]})).probe(Parcel(key=KEY, temporary_name="a"))


async def test_file_that_is_dated_before_1970_is_read_like_any_other() -> None:
    place = Memory({"in/835": b"one", "in/277": b"two"}, modified={"in/835": -2 * SECOND})
    files = (await house(place).list(None)).files

    assert [await house(place).fetch(each.remote_id) for each in files] == [b"one", b"two"]
