"""`shared/runtime/clearinghouse/address.py`: which transport an address means, and what is said of a wrong one."""

from pathlib import Path
from typing import Final

import pytest

from shared.runtime.clearinghouse.address import ClearinghouseSettings, clearinghouse_at
from shared.runtime.clearinghouse.folders import FolderClearinghouse, Layout
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.settings import BadSettings

PREFIX: Final = "CLAIMLOG_CLAIMS_"
URL: Final = f"{PREFIX}CLEARINGHOUSE_URL"
KNOWN_HOSTS: Final = f"{PREFIX}CLEARINGHOUSE_KNOWN_HOSTS_FILE"
KEY: Final = f"{PREFIX}CLEARINGHOUSE_KEY_FILE"
REMOVE: Final = f"{PREFIX}CLEARINGHOUSE_REMOVE_AFTER_DAYS"
PASSWORD: Final = f"{PREFIX}CLEARINGHOUSE_PASSWORD_FILE"


def settings(url: str, **more: str) -> ClearinghouseSettings:
    return ClearinghouseSettings.read(PREFIX, {URL: url} | more)


def login(url: str) -> ClearinghouseSettings:
    return settings(url, **{KNOWN_HOSTS: "hosts", KEY: "key"})


def layout(chosen: ClearinghouseSettings) -> Layout:
    house = clearinghouse_at(chosen)
    assert isinstance(house, FolderClearinghouse)
    return house.layout


@pytest.mark.parametrize(
    ("chosen", "channel"),
    [
        (settings("http://clearinghouse:8090"), "http"),
        (settings("http://127.0.0.1:0"), "http"),
        (settings("https://clearinghouse"), "http"),
        (login("sftp://practice@files.example/claims"), "sftp"),
        (settings("file:///srv/edi"), "folder"),
    ],
)
def test_scheme_says_how(chosen: ClearinghouseSettings, channel: str) -> None:
    house = clearinghouse_at(chosen)

    assert house is not None
    assert house.channel == channel
    assert isinstance(house, HttpClearinghouse if channel == "http" else FolderClearinghouse)


def test_nothing_leaves_without_an_address() -> None:
    assert clearinghouse_at(ClearinghouseSettings()) is None


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (settings("file:///srv/"), Layout(outbox="/srv/outbound", inbox="/srv/inbound", staging="/srv/outbound")),
        (login("sftp://a@h"), Layout(outbox="outbound", inbox="inbound", staging="outbound")),
        (login("sftp://a@h/~/edi"), Layout(outbox="edi/outbound", inbox="edi/inbound", staging="edi/outbound")),
        (
            login("sftp://a@h:2222/edi%20x?outbox=to&inbox=/elsewhere/from&staging=tmp&suffix=.837&sweeps=yes"),
            Layout(outbox="/edi x/to", inbox="/elsewhere/from", staging="/edi x/tmp", suffix=".837", sweeps=True),
        ),
    ],
)  # fmt: skip
def test_folders_are_named_by_the_address(chosen: ClearinghouseSettings, expected: Layout) -> None:
    assert layout(chosen) == expected


@pytest.mark.parametrize(
    ("given", "name", "says"),
    [
        ({URL: "ftp://h/x"}, URL, "begin with http://, https://, sftp:// or file:///"),
        ({URL: "clearinghouse:8090"}, URL, "begin with"),
        ({URL: "http://"}, URL, "https://host"),
        ({URL: "sftp://h/path"}, URL, "sftp://user@host/path"),
        ({URL: "sftp://a@h:p0rt/path"}, URL, "a number"),
        ({URL: "sftp://a:s3cret@h/path"}, URL, "PASSWORD_FILE"),
        ({URL: "sftp://a@h/path?inbux=s3cret"}, URL, "inbox, outbox, staging, suffix, sweeps"),
        ({URL: "sftp://a@h/path?inbox"}, URL, "?outbox="),
        ({URL: "file:///srv?sweeps=s3cret"}, URL, "yes or no"),
        ({URL: "file:///srv?suffix=/../s3cret"}, URL, "end of a name"),
        ({URL: "file://srv/edi"}, URL, "three slashes"),
        ({URL: "file:///"}, URL, "three slashes"),
        ({URL: "file:///srv", REMOVE: "30"}, REMOVE, "TENANT_ID"),
        ({URL: "sftp://a@h", KEY: "key"}, KNOWN_HOSTS, "ssh-keyscan"),
        ({URL: "sftp://a@h", KNOWN_HOSTS: "hosts"}, PASSWORD, "a key, or one with a password"),
    ],
)
def test_wrong_settings_say_what_to_do_and_repeat_no_value(given: dict[str, str], name: str, says: str) -> None:
    with pytest.raises(BadSettings) as raised:
        ClearinghouseSettings.read(PREFIX, given)

    assert raised.value.names == {name}
    assert f"{name} (" in str(raised.value)
    assert says in str(raised.value)
    assert not [word for word in ("s3cret", "p0rt", "inbux") if word in str(raised.value)]


def test_secrets_are_files_so_that_no_setting_shows_one(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret")
    environment = {URL: "sftp://a@h", KNOWN_HOSTS: "hosts", PASSWORD: str(tmp_path / "password")}

    told = ClearinghouseSettings.told(PREFIX, environment)
    house = clearinghouse_at(ClearinghouseSettings.read(PREFIX, environment))

    assert isinstance(house, FolderClearinghouse)
    assert not [each for each in told.settings if "s3cret" in each.value or each.is_wrong]
    assert "s3cret" not in repr(house) + repr(vars(house.place))
