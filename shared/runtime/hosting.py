"""A service's parts, opened and closed: store, keys, vault, engine, log.

Owns: which adapter stands behind which port, as settings say. Refuses: consuming and relaying (`worker.py`). Next:
`host.py` is a service that is open to serve and to work.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Self

from shared.kernel.errors import Malformed
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.keys import Kms, LocalKms, Vault
from shared.runtime.keys_postgres import PostgresKeyStore
from shared.runtime.keys_transit import Transit
from shared.runtime.log import Fetched, Log
from shared.runtime.log_postgres import PostgresLog
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store import Place
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.wiring import Wiring

_KAFKA: Final = frozenset({"kafka", "kafka+tls"})


class SettingMissing(Malformed):
    """A setting without which nothing works is empty. **Shape**: the message names it."""

    slug = "setting-missing"


@asynccontextmanager
async def open_engine(service: Service, *, unfilled: bool = False) -> AsyncIterator[Engine]:
    """Open a service's store and keys for work of an operator: nothing is written until somebody runs the engine.

    At the end the clearinghouse is let go too.

    **Shape**: `unfilled` for a replay: it opens the store also where read models of this release are not filled yet.
    **Errors**: `SettingMissing`, `StoreUnavailable`.
    """
    settings = service.settings
    for name in ("database_url", "keys_database_url"):
        if not getattr(settings, name):
            raise SettingMissing(missing(service, name))
    wiring = Wiring(service)
    async with (
        _key_management(service) as kms,
        PostgresKeyStore.open(settings.keys_database_url) as keys,
        PostgresStore.open(settings.database_url, service.projections, name=service.name, unfilled=unfilled) as store,
    ):
        try:
            yield Engine(wiring, store, Vault(wiring.registry, kms, keys))
        finally:
            if service.partner is not None:
                await service.partner.clearinghouse.close()


@asynccontextmanager
async def _key_management(service: Service) -> AsyncIterator[Kms]:
    """Open what wraps data keys."""
    settings = service.settings
    if settings.kms_url:
        async with Transit.open(settings) as transit:
            yield transit
    elif settings.kms_key_file:
        yield LocalKms.from_file(Path(settings.kms_key_file), environment=settings.environment)
    else:
        raise SettingMissing(missing(service, "kms_url"))


def missing(service: Service, name: str) -> str:
    """Return what to say where a setting is empty."""
    return f"set CLAIMLOG_{service.name.upper()}_{name.upper()}"


class UnknownLog(Malformed):
    """The address of the log has a scheme that nobody speaks."""

    slug = "unknown-log"


@asynccontextmanager
async def open_log(url: str) -> AsyncIterator[Log]:
    """Open the log that an address names. **Errors**: `Malformed` for another scheme, `LogUnavailable`."""
    scheme = url.partition("://")[0]
    if scheme in _KAFKA:
        from shared.runtime.log_kafka import KafkaLog  # noqa: PLC0415 (slow to load, and on one machine a table is the log)

        async with KafkaLog.open(url) as kafka:
            yield kafka
    elif scheme == "postgresql":
        async with PostgresLog.open(url) as log:
            yield log
    else:
        raise UnknownLog("the log is kafka://host:port, kafka+tls://host:port?ca=FILE or postgresql://…")


class LogOnDemand:
    """Records of a log that is opened when the first one is asked for. **Shape**: `Records` of `releasing.py`."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self._log: Log | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, settings: RuntimeSettings) -> AsyncIterator[Self]:
        """Return the log that settings name; close it at the end, if anybody asked."""
        async with AsyncExitStack() as stack:
            yield cls(settings.log_url, stack)

    async def record(self, place: Place, offset: int) -> Fetched | None:
        """Return one record. **Errors**: `LogUnavailable`."""
        if self._log is None:
            self._log = await self._stack.enter_async_context(open_log(self._url))
        return await self._log.record(place, offset)
