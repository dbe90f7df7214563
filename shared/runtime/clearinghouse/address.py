"""Which transport an address means: http(s)://host, sftp://user@host/path, file:///path.

Owns: what may stand in an address, and the settings around it, which every service that speaks to a clearinghouse has.
Refuses: a password in an address, and SFTP without known hosts. Where folders are called otherwise than `outbound` and
`inbound`, the address says so: `sftp://user@host/~/edi?outbox=to_payer&inbox=from_payer`; further words are `staging`
(where files lie until they are renamed; the outbox unless said), `suffix`, and `sweeps=yes` where the other side
removes temporary names that lie long. `/~/` begins in the folder of the login.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import Field, ValidationInfo, field_validator

from shared.runtime.clearinghouse.folders import FolderClearinghouse, Layout, Place
from shared.runtime.clearinghouse.on_disk import DiskPlace
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.clearinghouse.port import Clearinghouse
from shared.runtime.settings import RuntimeSettings

_WORDS: Final = frozenset({"outbox", "inbox", "staging", "suffix", "sweeps"})
_SFTP_PORT: Final = 22


class ClearinghouseSettings(RuntimeSettings):
    """What a service that speaks to a clearinghouse is told about it."""

    clearinghouse_url: str = Field(
        default="",
        description="The clearinghouse: http(s)://host, sftp://user@host/path or file:///path. Empty: nothing leaves,"
        " and nobody looks into a mailbox.",
    )
    clearinghouse_known_hosts_file: str = Field(
        default="",
        validate_default=True,
        description="Known hosts of SFTP, as ssh-keyscan writes them; another host is not spoken to.",
    )
    clearinghouse_key_file: str = Field(default="", description="Private key of the SFTP login, without passphrase.")
    clearinghouse_password_file: str = Field(
        default="", validate_default=True, description="File that holds the password of the SFTP login."
    )
    clearinghouse_timeout_seconds: int = Field(
        default=30, ge=1, description="How long one request may take. Too low: sends end unknown, and are asked about."
    )
    clearinghouse_settle_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long a file in a folder keeps size and time before it is read. Too low: half a file is read.",
    )
    clearinghouse_remove_after_days: int = Field(
        default=0,
        ge=0,
        description="After how many days files that this service has read and kept, and uploads that are of no use any"
        " more, are removed from folders. 0: never; HTTP: never.",
    )
    mailbox_every_seconds: float = Field(
        default=1.0, gt=0, description="Longest pause between two looks into the mailbox. Too high: answers are late."
    )

    @field_validator("clearinghouse_url")
    @classmethod
    def _says_how(cls, url: str) -> str:
        try:
            wrong = _wrong(urlsplit(url)) if url else ""
        except ValueError:
            wrong = "a host, and a port that is a number"
        if wrong:
            raise ValueError(wrong)
        return url

    @field_validator("clearinghouse_known_hosts_file")
    @classmethod
    def _knows_the_host(cls, path: str, info: ValidationInfo) -> str:
        if _is_sftp(info.data) and not path:
            raise ValueError("SFTP needs the file of known hosts: ssh-keyscan writes it, the partner confirms its key")
        return path

    @field_validator("clearinghouse_remove_after_days")
    @classmethod
    def _is_ours(cls, days: int, info: ValidationInfo) -> int:
        if days and not info.data.get("tenant_id"):
            raise ValueError("what may be removed is known of one tenant: name it in TENANT_ID")
        return days

    @field_validator("clearinghouse_password_file")
    @classmethod
    def _may_log_in(cls, path: str, info: ValidationInfo) -> str:
        if _is_sftp(info.data) and not (path or info.data.get("clearinghouse_key_file")):
            raise ValueError("SFTP needs a file with a key, or one with a password")
        return path


def clearinghouse_at(settings: ClearinghouseSettings) -> Clearinghouse | None:
    """Return the clearinghouse that the settings name, None where they name none; nothing is asked yet."""
    address = urlsplit(settings.clearinghouse_url)
    match address.scheme:
        case "":
            return None
        case "sftp":
            return FolderClearinghouse(
                _sftp(address, settings),
                _layout(address, _remote_folder(address.path)),
                channel="sftp",
                settle_seconds=settings.clearinghouse_settle_seconds,
            )
        case "file":
            return FolderClearinghouse(
                DiskPlace(),
                _layout(address, unquote(address.path).rstrip("/")),
                channel="folder",
                settle_seconds=settings.clearinghouse_settle_seconds,
            )
        case _:
            return HttpClearinghouse(settings.clearinghouse_url, timeout_seconds=settings.clearinghouse_timeout_seconds)


def _wrong(address: SplitResult) -> str:
    """Return what is wrong with an address, and what to do about it."""
    is_whole = bool(address.hostname) and (address.port is None or address.port >= 0)  # raises for what is no number
    match address.scheme:
        case "http" | "https":
            return "" if is_whole else "name the host: https://host"
        case "sftp" if address.password is not None:
            return "an address holds no password: name a file with it in CLEARINGHOUSE_PASSWORD_FILE"
        case "sftp":
            return (
                _wrong_words(address) if is_whole and address.username else "name user and host: sftp://user@host/path"
            )
        case "file":
            is_here = not address.netloc and len(address.path) > 1
            return _wrong_words(address) if is_here else "name a folder: file:///path, with three slashes"
        case _:
            return "begin with http://, https://, sftp:// or file:///"


def _wrong_words(address: SplitResult) -> str:
    try:
        given = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
    except ValueError:
        return "after the question mark stand words: ?outbox=…&inbox=…"
    if not _WORDS.issuperset(word for word, _ in given):
        return f"after the question mark may stand {', '.join(sorted(_WORDS))}"
    words = dict(given)
    if words.get("sweeps", "no") not in {"yes", "no"}:
        return "sweeps is yes or no"
    if "/" in words.get("suffix", ""):
        return "suffix is the end of a name, such as .x12"
    return ""


def _is_sftp(data: Mapping[str, object]) -> bool:
    return str(data.get("clearinghouse_url", "")).startswith("sftp:")


def _sftp(address: SplitResult, settings: ClearinghouseSettings) -> Place:
    from shared.runtime.clearinghouse.over_sftp import Login, SftpPlace  # noqa: PLC0415 (slow to load, and seldom used)

    key, password = settings.clearinghouse_key_file, settings.clearinghouse_password_file
    return SftpPlace(
        Login(
            host=address.hostname or "",
            port=address.port or _SFTP_PORT,
            user=unquote(address.username or ""),
            known_hosts_file=Path(settings.clearinghouse_known_hosts_file),
            key_file=Path(key) if key else None,
            password_file=Path(password) if password else None,
            timeout_seconds=settings.clearinghouse_timeout_seconds,
        )
    )


def _remote_folder(path: str) -> str:
    """Return where folders begin on a server: the folder of the login is the empty path."""
    unquoted = unquote(path)
    return unquoted.removeprefix("/~").lstrip("/").rstrip("/") if unquoted.startswith("/~") else unquoted.rstrip("/")


def _layout(address: SplitResult, base: str) -> Layout:
    words = dict(parse_qsl(address.query))

    def folder(name: str) -> str:
        return "/".join(filter(None, (base, name.strip("/")))) if not name.startswith("/") else name.rstrip("/")

    outbox = words.get("outbox", "outbound")
    return Layout(
        outbox=folder(outbox),
        inbox=folder(words.get("inbox", "inbound")),
        staging=folder(words.get("staging", outbox)),
        suffix=words.get("suffix", ".x12"),
        sweeps=words.get("sweeps") == "yes",
    )
