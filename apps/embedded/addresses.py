"""Where the databases and the log of a data folder are, and what each service is told about them.

Owns: databases that are found or made, and the settings that services get. Refuses: starting services (`process.py`,
`operating.py`).
"""

from contextlib import AsyncExitStack, suppress
from typing import Final

import asyncpg

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, REPOSITORY, SERVICES, TENANT, Settings
from shared.kernel.errors import Unavailable

_ANSWER_SECONDS_MAX: Final = 10
_UNKNOWN_SECONDS_MAX: Final = 15
"""The simulator ends with the process, and knows files by their keys: nothing is on its way for a minute more."""


class ServerDoesNotAnswer(Unavailable):
    """The PostgreSQL server of DATABASE_URL cannot be reached. **Shape**: the message says what to do."""

    slug = "database-server-does-not-answer"


async def databases(settings: Settings, stack: AsyncExitStack, *, connections: int = 0) -> dict[str, str]:
    """Return the address of each database, made where it is missing.

    **Shape**: an embedded server allows so many connections, or its own default.

    **Errors**: `FolderNotUsable`, `ServerNotStarted`, `ServerDoesNotAnswer`.
    """
    names = [f"claimlog_{name}" for name in (*SERVICES, "keys", "log")]
    if not settings.database_url:
        server = stack.enter_context(DatabaseServer.running(settings.data / "postgres", connections=connections))
        await server.create(*names)
        return {name: server.url(name) for name in names}
    return await _databases_on(settings.database_url, names)


async def _databases_on(url: str, names: list[str]) -> dict[str, str]:
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise ServerDoesNotAnswer(
            "the PostgreSQL server of DATABASE_URL does not answer: start it, mend the address, or unset DATABASE_URL"
            " to use the embedded one"
        ) from error
    try:
        for name in names:
            with suppress(asyncpg.DuplicateDatabaseError):
                await connection.execute(f'create database "{name}"')
    finally:
        await connection.close()
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0] if head.count("/") > 2 else head  # noqa: PLR2004 (scheme://host/database)
    return {name: f"{base}/{name}{'?' + query if query else ''}" for name in names}


def log_url(settings: Settings, urls: dict[str, str]) -> str:
    """Return the address of the log."""
    return f"kafka://{settings.kafka_bootstrap}" if settings.kafka_bootstrap else urls["claimlog_log"]


def told(settings: Settings, urls: dict[str, str], *, clearinghouse: str) -> dict[str, str]:
    """Return the variables that each service is told by, the way a deployment would tell it.

    **Shape**: `clearinghouse` is where the simulator answers.
    """
    keys = settings.data / "keys"
    common = {
        "TENANT_ID": TENANT,
        "KEYS_DATABASE_URL": urls["claimlog_keys"],
        "LOG_URL": log_url(settings, urls),
        "KMS_KEY_FILE": str(keys / "development.key"),
        "TOKEN_KEYS_FILE": str(keys / "token-keys.json"),
        "TOKEN_ISSUER": ISSUER,
        "TABLES_FOLDER": str(REPOSITORY / "reference"),
        "TABLES_CACHE": str(settings.data / "tables"),
        "TOPIC_PREFIX": settings.topic_prefix,
    }
    found: dict[str, str] = {}
    for name in SERVICES:
        own = {"DATABASE_URL": urls[f"claimlog_{name}"]}
        if name in {"claims", "payments"}:
            own |= {
                "CLEARINGHOUSE_URL": clearinghouse,
                "CLEARINGHOUSE_TIMEOUT_SECONDS": str(_ANSWER_SECONDS_MAX),
            }
        if name == "claims":
            own["UNKNOWN_AFTER_SECONDS"] = str(_UNKNOWN_SECONDS_MAX)
        found |= {f"CLAIMLOG_{name.upper()}_{key}": value for key, value in (common | own).items()}
    return found
