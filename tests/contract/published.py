"""The stored examples as a consumer gets them: records of the log, opened with the key that they were sealed with."""

from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import json

from shared.events.envelope import Event
from shared.events.registry import Registry
from shared.runtime.keys import Vault, WrappedKey, Wrapping
from shared.runtime.log import Fetched
from shared.runtime.wire import Arrived, arrived
from tools.write_contracts import EXAMPLES, KEY, KID, TENANT, Published

FILES: Final = sorted(EXAMPLES.glob("*.json"))


class ExampleKeys:
    """The one key of all examples. **Shape**: key store and key-management port at once; nothing is wrapped."""

    async def ensure(self, offered: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Return the example key for everybody."""
        return [self._key(key.tenant_id, key.subject) for key in offered]

    async def find(self, kids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return the example key."""
        return [self._key(TENANT, "") for kid in kids if kid == KID]

    async def destroy(self, tenant_id: str, subject: str) -> None:
        """Refuse: examples are for ever."""
        raise NotImplementedError(tenant_id, subject)

    async def wrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return the keys as they are."""
        return [key for key, _ in keys]

    async def unwrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return the keys as they are."""
        return [wrapped for wrapped, _ in keys]

    @staticmethod
    def _key(tenant_id: str, subject: str) -> WrappedKey:
        return WrappedKey(kid=KID, tenant_id=tenant_id, subject=subject, wrapped=KEY)


def fetched(file: Path) -> Fetched:
    """Return an example as it is read from the log."""
    published = json.decode(file.read_bytes(), type=Published)
    headers = tuple((name, value.encode()) for name, value in published.headers.items())
    value = bytes(published.value)
    return Fetched(place=("example", 0), offset=0, key=published.key.encode(), value=value, headers=headers)


def fact(file: Path) -> Arrived:
    """Return the fact of an example."""
    found = arrived(fetched(file))
    assert found is not None, "the example's headers cannot be read any more"
    return found


def plain(file: Path) -> bytes:
    """Return an example's fields with its sealed block opened, apart from the vault."""
    envelope = fact(file).envelope
    fields = json.decode(envelope.data)
    block = fields.pop("personal", None)
    if block is not None:
        content = b64decode(block["ct"])
        parts = (TENANT.encode(), envelope.event_id.encode(), envelope.type.encode())
        context = b"".join(b"%d:%b" % (len(part), part) for part in parts)
        fields |= json.decode(AESGCM(KEY).decrypt(content[:12], content[12:], context))
    return json.encode(fields)


async def event(file: Path, registry: Registry | None = None) -> Event | None:
    """Return the event of an example, its personal fields in the clear; None for an unknown type."""
    keys = ExampleKeys()
    vault = Vault(registry or Registry.of(), keys, keys)
    envelope = fact(file).envelope
    await vault.prepare_to_open([envelope])
    return vault.open(envelope)
