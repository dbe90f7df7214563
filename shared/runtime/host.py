"""A service that is open in this process, to serve and to work: its engine runs, and it knows callers by their tokens.

Owns: that value. Refuses: how parts are opened (`hosting.py`), which is all that an operator's command needs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.bringing import bringing
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.hosting import SettingMissing, missing, open_engine
from shared.runtime.tokens import Verifier
from shared.runtime.tracing import configure_tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A service that is open in this process."""

    engine: Engine
    verifier: Verifier


@asynccontextmanager
async def open_host(service: Service) -> AsyncIterator[Host]:
    """Open what a service needs, and close it. **Errors**: `SettingMissing`, `StoreUnavailable`."""
    settings = service.settings
    if not settings.token_keys_file:
        raise SettingMissing(missing(service, "token_keys_file"))
    verifier = Verifier.from_file(Path(settings.token_keys_file), settings.token_issuer)
    configure_tracing(settings.traces_to)
    async with open_engine(service) as engine, engine.running(), bringing(engine):
        yield Host(engine=engine, verifier=verifier)
