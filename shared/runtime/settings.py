"""What an operator may change about any service; the one reader of variables with a prefix, also for other programs.

A program's `settings.py` has its own fields and names its prefix: `CLAIMLOG_CLAIMS_…`. The prefix is long on purpose:
for a Service named `claims` Kubernetes puts `CLAIMS_PORT` and friends into every pod. Unknown names are refused.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from shared.kernel.errors import Malformed

_FROM_FILE: Final = "_file"
_PASSWORD: Final = re.compile(r"(://[^:/?#]*):[^?#]*@")
_PARAMETER: Final = re.compile(r"([?&](?:ssl)?password=)[^&]*")


class BadSettings(Malformed):
    """A setting has an unknown name or a value that it cannot have.

    **Shape**: the message names settings, no values.
    """

    slug = "bad-settings"

    def __init__(self, message: str, names: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.names = names


class TablesMissing(BadSettings):
    """The folder of code sets lacks a file without which the service does not start."""

    slug = "tables-missing"


class OneSetting(Struct, frozen=True, kw_only=True):
    """One setting as an operator reads it. **Shape**: `source` is environment, file or default."""

    variable: str
    value: str
    source: str
    is_wrong: bool
    about: str


class Told(Struct, frozen=True, kw_only=True):
    """What a program was told. **Shape**: `unknown` are variables with its prefix that name no setting."""

    settings: tuple[OneSetting, ...]
    unknown: tuple[str, ...]


def masked(value: str) -> str:
    """Return a value without the password that an address may hold."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1:***@", value))


class PrefixedSettings(BaseModel):
    """Settings that variables with a prefix say, or files that such variables name: `…_DATABASE_URL_FILE`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def told(cls, prefix: str, environment: Mapping[str, str] | None = None) -> "Told":
        """Return every setting with its value and where that came from; passwords within addresses are masked."""
        given = os.environ if environment is None else environment
        wrong = frozenset[str]()
        try:
            cls.read(prefix, given)
        except BadSettings as error:
            wrong = error.names
        values = cls()
        ours = cls._given(prefix, given)
        settings = [
            OneSetting(
                variable=prefix + name.upper(),
                value=masked(ours[name].value if name in ours else str(getattr(values, name))),
                source=ours[name].source if name in ours else "default",
                is_wrong=prefix + name.upper() in wrong,
                about=cls.model_fields[name].description or "",
            )
            for name in cls.model_fields
        ]
        unknown = sorted(prefix + name.upper() for name in ours if name not in cls.model_fields)
        return Told(settings=tuple(settings), unknown=tuple(unknown))

    @classmethod
    def read(cls, prefix: str, environment: Mapping[str, str] | None = None) -> Self:
        """Return what the variables with a prefix say. **Errors**: `BadSettings` names each unknown or bad one."""
        ours = cls._given(prefix, os.environ if environment is None else environment)
        unclear = frozenset(prefix + name.upper() for name, given in ours.items() if given.unclear)
        if unclear:
            said = ", ".join(sorted(unclear))
            raise BadSettings(f"given twice, or by a file that cannot be read: {said}", unclear)
        try:
            return cls.model_validate({name: given.value for name, given in ours.items()})
        except ValidationError as error:
            why = {prefix + str(each["loc"][0]).upper(): _why(each) for each in error.errors()}
            told = ", ".join(name + why[name] for name in sorted(why))
            raise BadSettings(f"mend or remove: {told}", frozenset(why)) from None

    @classmethod
    def _given(cls, prefix: str, environment: Mapping[str, str]) -> Mapping[str, "_Given"]:
        """Return what variables with a prefix say, by setting, themselves or by a file."""
        ours = {key.removeprefix(prefix).lower(): value for key, value in environment.items() if key.startswith(prefix)}
        found = {name: _Given(value) for name, value in ours.items() if not cls._is_file_of_setting(name)}
        for name in sorted(set(ours) - set(found)):
            setting = name.removesuffix(_FROM_FILE)
            found[setting] = _Given("", "file", unclear=True) if setting in found else _read(Path(ours[name]))
        return found

    @classmethod
    def _is_file_of_setting(cls, name: str) -> bool:
        return name not in cls.model_fields and name.removesuffix(_FROM_FILE) in cls.model_fields


class RuntimeSettings(PrefixedSettings):
    """Settings that every service has. The defaults serve tests; the embedded process and deployments set addresses."""

    environment: str = Field(
        default="development", description="development or production; production refuses development keys and issuers."
    )
    tenant_id: str = Field(
        default="",
        description="The one tenant that timers, polls and sends serve, because a clearinghouse account belongs to one;"
        " empty: every tenant with facts, which is wrong where two share an account.",
    )
    database_url: str = Field(default="", description="PostgreSQL of this service. Empty: nothing is kept (tests).")
    keys_database_url: str = Field(default="", description="PostgreSQL of the data keys of patients.")
    log_url: str = Field(
        default="",
        description="The log: postgresql://…, kafka://host:port, or kafka+tls://host:port?ca=FILE&certificate=FILE&key=FILE."
        " Wrong: nothing leaves the service.",
    )
    kms_url: str = Field(
        default="",
        description="The transit engine of OpenBao or Vault whose key wraps data keys: https://openbao:8200/v1/transit."
        " Empty: the development key of the next setting.",
    )
    kms_key_file: str = Field(
        default="", description="File of the development key that wraps data keys; refused in production."
    )
    kms_key_name: str = Field(
        default="claimlog",
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="Name of the transit key; made with derived=true. Another than before: no personal data opens.",
    )
    kms_token_file: str = Field(
        default="", description="File with a token that may encrypt and decrypt with that key; read anew each time."
    )
    kms_ca_file: str = Field(
        default="", description="Certificates of whoever signs for that server. Empty: those that the system trusts."
    )
    token_keys_file: str = Field(default="", description="JWK set of whoever signs bearer tokens.")
    token_issuer: str = Field(default="claimlog-development", description="Who signs bearer tokens.")
    tables_folder: str = Field(default="reference", description="Folder of code-set tables.")
    tables_cache: str = Field(
        default="",
        description="Folder where code-set tables that users loaded are kept and mapped; services may share it."
        " Empty: in memory.",
    )
    coding_url: str = Field(
        default="",
        description="Where coding answers, to fetch loaded tables once. Empty: only those in the folder are used.",
    )
    coding_token_file: str = Field(
        default="", description="File with a bearer token for coding, scope coding.read; read anew each time."
    )
    topic_prefix: str = Field(default="claimlog", description="First part of topic names; one per cell.")
    topic_partitions: int = Field(
        default=4,
        ge=1,
        description="Partitions of a topic, fixed when it is made; more than 4 cost speed on one machine.",
    )
    topic_replicas: int = Field(default=1, ge=1, description="Copies of a partition; 3 on a cluster.")
    unit_events_max: int = Field(
        default=1_000,
        ge=1,
        description="Facts that one unit may add. Too low refuses honest work, too high keeps all others waiting.",
    )
    event_bytes_max: int = Field(default=262_144, ge=1_024, description="Size of one fact; longer texts go as files.")
    flush_events_max: int = Field(default=1_000, ge=1, description="Facts that one transaction writes, about.")
    pending_units_max: int = Field(
        default=10_000,
        ge=1,
        description="Units that may wait to be written; more are answered 503. Too high: no push-back.",
    )
    poll_size: int = Field(default=1_000, ge=1, description="Records that one fetch from the log takes at most.")
    replay_chunk_max: int = Field(
        default=300,
        ge=1,
        description="Facts or records that one transaction of a replay folds, about; more keep who writes waiting,"
        " fewer take longer where the database is far away.",
    )
    record_attempts_max: int = Field(default=5, ge=1, description="Tries with a record before its key parks.")
    consistent_within_seconds: float = Field(
        default=2,
        ge=0,
        description="Time that a read with a Consistency-Token waits for its facts. Too long: slow answers instead of"
        " clear ones.",
    )
    requests_per_second_max: float = Field(
        default=0,
        ge=0,
        description="Requests per second that one caller may send to one process, on average; more are answered 429."
        " 0: any number. Too low: honest callers wait.",
    )
    requests_burst_max: int = Field(
        default=200, ge=1, description="Requests that a caller who was quiet may send at once, before the rate counts."
    )
    body_bytes_max: int = Field(
        default=20_000_000,
        ge=1_024,
        description="Size of an HTTP body, but of a table of codes; larger is answered 413.",
    )
    bulk_bytes_max: int = Field(
        default=1_000_000_000,
        ge=1_024,
        description="Size of a bulk request, which is taken line by line; what comes after it is refused.",
    )
    decisions_logged: bool = Field(
        default=False, description="Log a line for each decision; small commands are then about half as fast."
    )
    traces_to: str = Field(
        default="", description="Where spans go: console, or http://collector:4318/v1/traces; empty: nothing is traced."
    )
    metrics_address: str = Field(
        default="",
        description="host:port where the worker shows /metrics, /healthz and /readyz; empty: nowhere. The API has its"
        " own.",
    )
    page_size_max: int = Field(default=500, ge=1, description="Rows of one page; more is lowered.")


class _Given(Struct, frozen=True):
    """What a setting was given. **Shape**: `unclear`: its file cannot be read, or it has a value besides."""

    value: str
    source: str = "environment"
    unclear: bool = False


def _read(path: Path) -> _Given:
    try:
        return _Given(path.read_text(encoding="utf-8").strip(), "file")
    except (OSError, UnicodeError):
        return _Given("", "file", unclear=True)


def _why(wrong: ErrorDetails) -> str:
    """Return what a rule of ours says of a value; others would repeat it."""
    return f" ({wrong['ctx']['error']})" if wrong["type"] == "value_error" else ""


def failpoint() -> tuple[str, str, int]:
    """Return name, action and passage of the failpoint that a fault test set; an empty name without one."""
    if os.environ.get("CLAIMLOG_ENVIRONMENT") == "production":
        return ("", "", 0)
    name, action, passage = (*os.environ.get("CLAIMLOG_FAILPOINT", "").split(":"), "", "")[:3]
    return (name, action, int(passage or 1))
