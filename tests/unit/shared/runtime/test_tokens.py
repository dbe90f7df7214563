"""Who is let in: tokens of our issuer, for us, in time; every forgery gets the same words."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.events.envelope import Actor
from shared.runtime.tokens import DevelopmentIssuer, Unauthenticated, Verifier

NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
CLERK = Actor(kind="human", id="clerk-1")
KEY = ECKey.generate_key("P-256", {"use": "sig", "kid": "k-1"}, private=True)
PUBLIC = KEY.as_dict(private=False)
VERIFIER = Verifier(KeySet([ECKey.import_key(PUBLIC)]), "issuer")

CLAIMS = {
    "iss": "issuer",
    "aud": "claimlog",
    "sub": "clerk-1",
    "tenant": "demo",
    "actor_kind": "human",
    "scope": "a.read b.write",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 600,
}
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "k-1"}


def signed(*, key: ECKey = KEY, header: dict[str, str] | None = None, **claims: object) -> str:
    """Return a token; a claim that is None is left out."""
    given = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(HEADER | (header or {}), given, key)


def part(content: object) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_valid_token_says_who_calls() -> None:
    caller = VERIFIER.caller(signed(), NOW)

    assert (caller.tenant_id, caller.actor, caller.scopes) == ("demo", CLERK, frozenset({"a.read", "b.write"}))


@pytest.mark.parametrize(
    "token",
    [
        signed(iss="somebody"),
        signed(iss=None),
        signed(aud="another-service"),
        signed(aud=None),
        signed(sub=None),
        signed(tenant=None),
        signed(scope=None),
        signed(exp=None),
        signed(exp=int(NOW.timestamp()) - 61),
        signed(nbf=int(NOW.timestamp()) + 3_600),
        signed(actor_kind="administrator"),
        signed(actor_kind=None),
        signed(header={"typ": "JWT"}),
        signed(key=ECKey.generate_key("P-256", {"kid": "k-1"}, private=True)),
        signed(header={"kid": "k-2"}),
    ],
    ids=[
        "another issuer",
        "no issuer",
        "another audience",
        "no audience",
        "no subject",
        "no tenant",
        "no scope",
        "no end",
        "expired",
        "not yet valid",
        "unknown kind of actor",
        "no kind of actor",
        "an identity token",
        "another key under our id",
        "unknown key",
    ],
)
def test_token_that_is_not_ours_for_us_and_now_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated, match=r"^the token is not valid here; ask for a new one$"):
        VERIFIER.caller(token, NOW)


def test_token_without_a_signature_is_refused() -> None:
    header = part({"alg": "none", "typ": "at+jwt"})
    for token in (f"{header}.{part(CLAIMS)}.", f"{header}.{part(CLAIMS)}"):
        with pytest.raises(Unauthenticated):
            VERIFIER.caller(token, NOW)


def test_token_signed_with_our_public_key_as_a_secret_is_refused() -> None:
    head = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'k-1'})}.{part(CLAIMS)}"
    for secret in (json.dumps(PUBLIC).encode(), ECKey.import_key(PUBLIC).as_pem(private=False)):
        forged = f"{head}.{part(digest(secret, head.encode(), sha256))}"
        with pytest.raises(Unauthenticated):
            VERIFIER.caller(forged, NOW)


def test_token_that_brings_its_own_key_is_refused() -> None:
    own = ECKey.generate_key("P-256", private=True)
    header = {"alg": "ES256", "typ": "at+jwt", "jwk": own.as_dict(private=False)}
    forged = jwt.encode(header, CLAIMS, own)

    with pytest.raises(Unauthenticated):
        VERIFIER.caller(forged, NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "x" * 100_000, signed()[:-4], signed() + "A"])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.caller(token, NOW)


def test_claims_that_were_changed_are_refused() -> None:
    head, _, signature = signed().split(".")
    changed = part(CLAIMS | {"tenant": "other"})

    with pytest.raises(Unauthenticated):
        VERIFIER.caller(f"{head}.{changed}.{signature}", NOW)


def test_clocks_may_differ_by_a_minute() -> None:
    assert VERIFIER.caller(signed(exp=int(NOW.timestamp()) - 59), NOW)


def test_token_that_was_valid_is_refused_once_it_ends() -> None:
    token = signed(exp=int(NOW.timestamp()) - 59)
    assert VERIFIER.caller(token, NOW) == VERIFIER.caller(token, NOW)

    for later in (1, 2):
        with pytest.raises(Unauthenticated):
            VERIFIER.caller(token, NOW + timedelta(seconds=later))


def test_token_that_was_refused_is_valid_once_it_begins() -> None:
    token = signed(nbf=int(NOW.timestamp()) + 61)
    with pytest.raises(Unauthenticated):
        VERIFIER.caller(token, NOW)

    assert VERIFIER.caller(token, NOW + timedelta(seconds=1)).actor == CLERK


def test_issuer_keeps_its_key_and_publishes_only_the_public_half(tmp_path: Path) -> None:
    first = DevelopmentIssuer.from_folder(tmp_path, "issuer")
    again = DevelopmentIssuer.from_folder(tmp_path, "issuer")
    token = first.token(tenant_id="demo", actor=CLERK, scopes=["a.read"], now=NOW, lifetime=timedelta(hours=1))
    published = tmp_path / "token-keys.json"

    assert Verifier.from_file(published, "issuer").caller(token, NOW).actor == CLERK
    assert again.verifier().caller(token, NOW).scopes == {"a.read"}
    assert '"d"' not in published.read_text()
    assert (tmp_path / "issuer.json").stat().st_mode & 0o777 == 0o600
