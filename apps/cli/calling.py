"""A service over HTTP, as a command calls it: its address, a token, a time limit.

Owns: the token (yours in CLAIMLOG_TOKEN, else one of the development issuer) and what is said when nobody answers.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import httpx

from apps.cli.settings import Settings
from shared.clients.problem import ProblemAnswered
from shared.events.envelope import Actor
from shared.kernel.errors import KnownError, Unavailable
from shared.runtime.clock import now
from shared.runtime.tokens import DevelopmentIssuer

_SECONDS_MAX: Final = 60.0
_TENANT: Final = "demo"
_OPERATOR: Final = Actor(kind="human", id="operator-1")


class NobodyAnswers(Unavailable):
    """A service does not answer at its address. **Shape**: the message says which, and what to do."""

    slug = "nobody-answers"


class Refused(KnownError):
    """A service said no. **Shape**: its own slug and words."""

    slug = "refused-by-service"


@asynccontextmanager
async def calling(service: str, scopes: Sequence[str]) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a service. **Errors**: `NobodyAnswers`, `Refused`, from within the block too."""
    settings = Settings.read()
    url = settings.url_of(service)
    headers = {"Authorization": f"Bearer {settings.token or _signed(settings, scopes)}"}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_SECONDS_MAX) as client:
            yield client
    except httpx.TransportError as error:
        raise NobodyAnswers(
            f"{service} does not answer at {url}; start it with `claimlog run`, or set CLAIMLOG_URL"
        ) from error
    except ProblemAnswered as problem:
        raise Refused(f"{service}: {problem}") from problem


def _signed(settings: Settings, scopes: Sequence[str]) -> str:
    issuer = DevelopmentIssuer.from_folder(settings.data / "keys", settings.token_issuer)
    return issuer.token(tenant_id=_TENANT, actor=_OPERATOR, scopes=scopes, now=now(), lifetime=timedelta(hours=1))
