"""`shared/runtime/clearinghouse/on_disk.py` over a real folder: what is no file, and what the system refuses."""

import asyncio
import os
from pathlib import Path
from typing import Final

import pytest

from shared.runtime.clearinghouse.folders import Away, Missing, Refused
from shared.runtime.clearinghouse.on_disk import DiskPlace
from shared.runtime.clearinghouse.port import OutcomeUnknown, Parcel
from tests.support.clearinghouses import in_a_folder, taken

KEY: Final = "B-1"


async def content() -> bytes:
    return b"ISA*00*a file of claims~"


async def test_reads_only_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"not for partners")
    async with in_a_folder(tmp_path) as side:
        inbound = tmp_path / "inbound"
        (inbound / "archive").mkdir()
        (inbound / "link.835").symlink_to(tmp_path / "secret")
        os.mkfifo(inbound / "pipe.835")

        assert (await side.clearinghouse.list(None)).files == ()


async def test_follows_no_link_that_took_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"not for partners")
    (tmp_path / "835").symlink_to(tmp_path / "secret")

    with pytest.raises(Away):
        await DiskPlace().read(str(tmp_path / "835"))


async def test_tells_no_from_not_there(tmp_path: Path) -> None:
    place = DiskPlace()
    (tmp_path / "taken").write_bytes(b"x")

    with pytest.raises(Refused) as taken_name:
        await place.write(str(tmp_path / "taken"), b"y")
    with pytest.raises(Refused) as folder:
        await place.read(str(tmp_path))
    for missing in (place.rename(str(tmp_path / "a"), str(tmp_path / "b")), place.remove(str(tmp_path / "a"))):
        with pytest.raises(Missing):
            await missing
    assert not any(isinstance(each.value, Missing) for each in (taken_name, folder))
    assert (tmp_path / "taken").read_bytes() == b"x"


async def test_carriers_of_our_group_may_read_what_goes_out_and_others_not(tmp_path: Path) -> None:
    async with in_a_folder(tmp_path) as side:
        name = await side.clearinghouse.prepare(Parcel(key=KEY), content)

        assert (tmp_path / "outbound" / str(name)).stat().st_mode & 0o007 == 0


async def test_of_many_who_rename_the_same_upload_one_delivers_it(tmp_path: Path) -> None:
    async with in_a_folder(tmp_path) as side:
        parcel = Parcel(key=KEY, temporary_name=await side.clearinghouse.prepare(Parcel(key=KEY), content))
        tries = (side.clearinghouse.send(parcel, content) for _ in range(20))
        told = await asyncio.gather(*tries, return_exceptions=True)

        assert len(taken(tmp_path)) == 1
        assert all(each == "B-1.x12" or isinstance(each, OutcomeUnknown) for each in told)


async def test_folder_that_is_not_mounted_is_no_delivery(tmp_path: Path) -> None:
    async with in_a_folder(tmp_path) as side:
        parcel = Parcel(key=KEY, temporary_name=await side.clearinghouse.prepare(Parcel(key=KEY), content))
        (tmp_path / "outbound").rename(tmp_path / "elsewhere")

        with pytest.raises(OutcomeUnknown):
            await side.clearinghouse.probe(parcel)
