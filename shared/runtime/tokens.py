"""Who calls: bearer tokens, verified; and the development issuer that makes them on one machine.

Owns: `Caller`, verification against a JWK set, the development issuer's key file. Refuses: passwords, and being the
issuer in production. The tenant comes from the token only. **Source**: RFC 7519, RFC 9068.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jwt import JWTClaimsRegistry

from shared.events.envelope import ACTOR_KINDS, Actor
from shared.kernel.errors import Malformed

ALGORITHM: Final = "ES256"
AUDIENCE: Final = "claimlog"
LEEWAY_SECONDS: Final = 60
_PROVED_MAX: Final = 1_000


class Unauthenticated(Malformed):
    """No bearer token, or one that cannot be trusted. **Shape**: HTTP 401."""

    slug = "unauthenticated"


class Forbidden(Malformed):
    """The token lacks the scope of this route. **Shape**: HTTP 403."""

    slug = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as a verified token says."""

    tenant_id: str
    actor: Actor
    scopes: frozenset[str]


class Verifier:
    """Checks tokens against the public keys of one issuer."""

    def __init__(self, keys: KeySet, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._proved: dict[str, jwt.Token] = {}
        self._second = 0
        self._callers: dict[str, Caller] = {}  # of this second

    @classmethod
    def from_file(cls, path: Path, issuer: str) -> Self:
        """Return a verifier over a JWK set. **Errors**: `OSError` where the file is missing."""
        return cls(KeySet.import_key_set(json.loads(path.read_text())), issuer)

    def caller(self, token: str, now: datetime) -> Caller:
        """Return who a token speaks for. **Errors**: `Unauthenticated`, without saying what was wrong with it.

        A token counts its time in seconds, so that one is looked at once in each: 22 µs of a request become 1.
        """
        second = int(now.timestamp())
        if second != self._second:
            self._callers.clear()
            self._second = second
        known = self._callers.get(token)
        if known is None:
            known = self._callers[token] = self._in_force(token, second)
        return known

    def _in_force(self, token: str, second: int) -> Caller:
        try:
            decoded = self._signed(token)
            registry = JWTClaimsRegistry(
                now=second,
                leeway=LEEWAY_SECONDS,
                exp={"essential": True},
                sub={"essential": True},
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": AUDIENCE},
            )
            registry.validate(decoded.claims)
            claims = decoded.claims
            kind = claims["actor_kind"]
            tenant_id = claims["tenant"]
            if (
                kind not in ACTOR_KINDS
                or decoded.header.get("typ") != "at+jwt"
                or not tenant_id
                or tenant_id != str(tenant_id)
            ):
                raise Unauthenticated("the token is not valid here; ask for a new one")
            return Caller(
                tenant_id=tenant_id,
                actor=Actor(kind=kind, id=str(claims["sub"])),
                scopes=frozenset(str(claims["scope"]).split()),
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("the token is not valid here; ask for a new one") from error

    def _signed(self, token: str) -> jwt.Token:
        """Return what a token says, once its signature is proved; a token that comes again is not proved again.

        Only the signature is remembered: whether the token is still in force is asked each time.
        """
        known = self._proved.get(token)
        if known is None:
            known = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            if len(self._proved) >= _PROVED_MAX:
                self._proved.clear()
                self._callers.clear()
            self._proved[token] = known
        return known


class DevelopmentIssuer:
    """Signs tokens with a key in a file; for one machine. It never stands beside an address that others can reach."""

    def __init__(self, key: ECKey, issuer: str) -> None:
        self._key = key
        self._issuer = issuer

    @classmethod
    def from_folder(cls, folder: Path, issuer: str) -> Self:
        """Return the issuer whose key lies in a folder, made where it is missing; its public keys lie beside it."""
        private, public = folder / "issuer.json", folder / "token-keys.json"
        if not private.exists():
            folder.mkdir(parents=True, exist_ok=True)
            key = ECKey.generate_key("P-256", {"use": "sig", "kid": "development"}, private=True)
            with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(key.as_dict(private=True), file)
        made = cls.from_file(private, issuer)
        public.write_text(json.dumps({"keys": [made._key.as_dict(private=False)]}))  # noqa: SLF001 (one of ours)
        return made

    @classmethod
    def from_file(cls, path: Path, issuer: str) -> Self:
        """Return the issuer whose key is in a file. **Errors**: `OSError` where the file is missing."""
        return cls(ECKey.import_key(json.loads(path.read_text())), issuer)

    @classmethod
    def in_memory(cls, issuer: str) -> Self:
        """Return an issuer whose key ends with the process."""
        return cls(ECKey.generate_key("P-256", {"use": "sig", "kid": "memory"}, private=True), issuer)

    def verifier(self) -> Verifier:
        """Return who trusts this issuer."""
        return Verifier(KeySet([ECKey.import_key(self._key.as_dict(private=False))]), self._issuer)

    def token(self, *, tenant_id: str, actor: Actor, scopes: Iterable[str], now: datetime, lifetime: timedelta) -> str:
        """Return a signed token."""
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": actor.id,
            "tenant": tenant_id,
            "actor_kind": actor.kind,
            "scope": " ".join(sorted(scopes)),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid or ""}, claims, self._key)
