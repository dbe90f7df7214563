"""Data keys wrapped by the transit engine of OpenBao or Vault. **Shape**: `Kms` of `keys.py`.

Owns: the two questions that are asked of it, many keys at once, and telling what its answers mean. The wrapping key
never leaves the server; it is a derived one, so that a data key opens for its own id, tenant and patient alone. Of
these, opaque ids, the server's log shows a digest. Refuses: keeping keys (`keys_postgres.py`), and a network in the
clear in production.

**Source**: https://openbao.org/api-docs/secret/transit
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from ssl import SSLError, create_default_context
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import httpx

from shared.kernel.errors import Malformed, Unavailable
from shared.runtime.keys import Wrapping
from shared.runtime.settings import RuntimeSettings

_ANSWER_SECONDS_MAX: Final = 5
_HERE: Final = ("127.0.0.1", "localhost")
"""Where an agent of the server may stand beside a service, and nothing passes over a network."""
_KEYS_AT_ONCE: Final = 500
"""In one question; more are asked one question after the other."""


class BadKeyManagement(Malformed):
    """Key management cannot be used as it is set up. **Shape**: the message names the setting, or what to do there."""

    slug = "bad-key-management"


class KeyManagementUnavailable(Unavailable):
    """Key management does not wrap and open data keys now. Who asks for personal data is answered 503 meanwhile."""

    slug = "key-management-unavailable"


class Transit:
    """One key of a transit engine."""

    def __init__(self, client: httpx.AsyncClient, key_name: str, token_file: Path) -> None:
        self._client = client
        self._key_name = key_name
        self._token_file = token_file
        self._is_derived = False

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: RuntimeSettings) -> AsyncIterator["Transit"]:
        """Have connections to the server; none is made before it is asked. **Errors**: `BadKeyManagement`."""
        if not settings.kms_token_file:
            raise BadKeyManagement("KMS_URL needs KMS_TOKEN_FILE: a file with a token that may use the key")
        address = urlsplit(settings.kms_url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise BadKeyManagement("KMS_URL is https://host:port/v1/transit, or where else the engine is mounted")
        if settings.environment == "production" and address.scheme == "http" and address.hostname not in _HERE:
            raise BadKeyManagement("KMS_URL has to begin with https:// in production: data keys pass there")
        try:
            verified = create_default_context(cafile=settings.kms_ca_file or None)
        except (OSError, SSLError) as error:
            raise BadKeyManagement("KMS_CA_FILE cannot be read as certificates") from error
        async with httpx.AsyncClient(base_url=settings.kms_url, verify=verified, timeout=_ANSWER_SECONDS_MAX) as client:
            yield cls(client, settings.kms_key_name, Path(settings.kms_token_file))

    async def wrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys, wrapped. **Errors**: `KeyManagementUnavailable`, also for a key that is not derived."""
        items = [{"plaintext": _text(key), "context": _text(context)} for key, context in keys]
        wrapped = [ciphertext.encode() for ciphertext in await self._asked("encrypt", "ciphertext", items)]
        if wrapped and not self._is_derived:
            await self._refuse_unbound(wrapped[0])
        return wrapped

    async def unwrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys. **Errors**: `KeyManagementUnavailable`, also for one that was wrapped by another key."""
        items = [{"ciphertext": _ascii(wrapped), "context": _text(context)} for wrapped, context in keys]
        found = await self._asked("decrypt", "plaintext", items)
        try:
            return [b64decode(plaintext, validate=True) for plaintext in found]
        except ValueError as error:
            raise _not_understood() from error

    async def _refuse_unbound(self, wrapped: bytes) -> None:
        """Look once whether a key opens under another context: the server ignores it where the key is not derived."""
        item = {"ciphertext": wrapped.decode(), "context": _text(b"another")}
        answer = await self._post("decrypt", [item])
        if answer.is_success:
            raise KeyManagementUnavailable("make the key of KMS_KEY_NAME anew, with derived=true: it opens for anybody")
        if answer.status_code != HTTPStatus.BAD_REQUEST:
            _results(answer, "plaintext", 1)
        self._is_derived = True

    async def _asked(
        self, what: Literal["encrypt", "decrypt"], name: str, items: Sequence[Mapping[str, str]]
    ) -> Sequence[str]:
        found: list[str] = []
        for begin in range(0, len(items), _KEYS_AT_ONCE):
            some = items[begin : begin + _KEYS_AT_ONCE]
            found += _results(await self._post(what, some), name, len(some))
        return found

    async def _post(self, what: str, items: Sequence[Mapping[str, str]]) -> httpx.Response:
        try:
            token = self._token_file.read_text(encoding="utf-8").strip()  # each time: whoever renews it writes it anew
        except (OSError, UnicodeError) as error:
            raise KeyManagementUnavailable("the file of KMS_TOKEN_FILE cannot be read") from error
        try:
            return await self._client.post(
                f"/{what}/{self._key_name}", json={"batch_input": items}, headers={"X-Vault-Token": token}
            )
        except (httpx.HTTPError, ValueError) as error:  # a token that no header can carry is a ValueError
            raise KeyManagementUnavailable("key management does not answer; is KMS_URL right?") from error


def _results(answer: httpx.Response, name: str, count: int) -> Sequence[str]:
    """Return what a batch came to, one for each key. **Errors**: `KeyManagementUnavailable`."""
    if answer.status_code == HTTPStatus.FORBIDDEN:
        raise KeyManagementUnavailable("key management refuses the token of KMS_TOKEN_FILE, or lets it not use the key")
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        raise KeyManagementUnavailable("key management cannot use a key: is KMS_KEY_NAME there, and did it wrap this?")
    if not answer.is_success:
        raise KeyManagementUnavailable(f"key management answers {answer.status_code}; is it sealed?")
    try:
        batch: Any = answer.json()["data"]["batch_results"]
        found = [str(each[name]) for each in batch]
    except (ValueError, KeyError, TypeError) as error:
        raise _not_understood() from error
    if len(found) != count:
        raise _not_understood()
    return found


def _not_understood() -> KeyManagementUnavailable:
    return KeyManagementUnavailable("key management answers something else; KMS_URL ends with the engine's path")


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _ascii(wrapped: bytes) -> str:
    return wrapped.decode("ascii", "replace")
