"""Who is there: the port through which a person comes in, and the door of development behind it.

Owns: `Person`, and what a way to sign in has to do. A provider (OIDC, code with PKCE) stands behind the same port: its
answer comes to `admit` as a form's fields do. Refuses: passwords; and the door of development in production. A token
stays here: no browser ever sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from apps.console.roles import ROLES, Role
from shared.events.envelope import Actor
from shared.kernel.errors import Malformed
from shared.runtime.tokens import DevelopmentIssuer

_WORKDAY: Final = timedelta(hours=10)
_NAME_CHARACTERS_MAX: Final = 60


class NotAdmitted(Malformed):
    """Whoever wants to sign in did not say who they are, or may not."""

    slug = "not-admitted"


class NoProvider(Malformed):
    """Nobody can say who is there: in production a provider has to, in development a key has to be there."""

    slug = "no-identity-provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who works here. **Shape**: `account` is what facts name as their actor; `token` until `until`."""

    account: str
    role: Role
    token: str
    until: datetime


class SignIn(Protocol):
    """A way to sign in."""

    def admit(self, given: Mapping[str, str], now: datetime) -> Person:
        """Return who it is. **Errors**: `NotAdmitted`."""


class DevelopmentSignIn:
    """Whoever chooses a name and a role on this machine has them, by a token of the development issuer."""

    def __init__(self, key: Path, issuer: str, tenant_id: str, *, environment: str) -> None:
        """Take the key of a file. **Errors**: `NoProvider` in production, and where there is no key."""
        if environment == "production":
            raise NoProvider("signing in by a chosen name is for development; production needs an identity provider")
        try:
            self._issuer = DevelopmentIssuer.from_file(key, issuer)
        except OSError as error:
            raise NoProvider(f"the key {key} cannot be read: `make run` makes it, or name another one") from error
        self._tenant_id = tenant_id

    def admit(self, given: Mapping[str, str], now: datetime) -> Person:
        """Return the person of a name and a role. **Errors**: `NotAdmitted`."""
        account, role = given.get("account", "").strip(), ROLES.get(given.get("role", ""))
        if not account or len(account) > _NAME_CHARACTERS_MAX or not account.isprintable():
            raise NotAdmitted(f"give a name of 1 to {_NAME_CHARACTERS_MAX} characters")
        if role is None:
            raise NotAdmitted("choose what you do here")
        token = self._issuer.token(
            tenant_id=self._tenant_id,
            actor=Actor(kind="human", id=account),
            scopes=role.scopes,
            now=now,
            lifetime=_WORKDAY,
        )
        return Person(account=account, role=role, token=token, until=now + _WORKDAY)
