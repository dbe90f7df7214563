"""Data keys of patients and tenants, and the sealed block of an event.

Owns: `KeyStore` (a database of its own; `keys_postgres.py`) and `Vault`, which seals and opens at the border of the
store, so that decide, evolve and apply see plain values or `ERASED`. Keys are wrapped by a key-management port (`Kms`;
`keys_transit.py`); the local one is for development and refuses production. Refuses: knowing what an event means.
AES-256-GCM; the associated data is tenant, event id and type, so that a block fits no other event.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import Annotated, Final, Protocol, Self
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import DecodeError, Meta, Struct, json, structs

from shared.events.envelope import Event, personal_fields
from shared.events.registry import Registry
from shared.kernel.erased import ERASED
from shared.kernel.errors import Malformed, Rejected, Unavailable
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.clock import new_id
from shared.runtime.key_cache import GOOD_SECONDS, DataKey, KeyCache, Subject
from shared.runtime.store import holds_nul

ALGORITHM: Final = "A256GCM"
_NONCE_BYTES: Final = 12
TENANT_SUBJECT: Final = ""
"""The subject of what names no patient: sealed under the tenant's key."""
INDEX_SUBJECT: Final = "#index"
"""The subject of the key that reserved names are hashed with; no patient's id begins with this sign."""


class KeyDestroyed(Rejected):
    """The patient's data key is gone for good; nothing new about the patient can be sealed."""

    slug = "key-destroyed"


class UnstorableText(Malformed):
    """A text holds a NUL: no database column and few readers of the topics can keep it."""

    slug = "unstorable-text"


class KeyNotFound(Unavailable):
    """A sealed block names a key that the key store never had: another key store, not an erased person."""

    slug = "key-not-found"


class DevelopmentKeyInProduction(Malformed):
    """The local key file is for development; production takes a key-management service."""

    slug = "development-key-in-production"


Wrapping = tuple[bytes, bytes]
"""A data key, bare or wrapped, and the context that it is bound to."""


class Kms(Protocol):
    """Wraps data keys with a key that never leaves it; many at once, because it may be far away."""

    async def wrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys, wrapped. **Errors**: `Unavailable`."""

    async def unwrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys. **Errors**: `Unavailable`; those of its cipher where one is not as it was wrapped."""


class LocalKms:
    """A wrapping key in a file that only its owner reads; made when it is missing. For development."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    @classmethod
    def from_file(cls, path: Path, *, environment: str) -> Self:
        """Return the key of a file. **Errors**: `DevelopmentKeyInProduction`."""
        if environment == "production":
            raise DevelopmentKeyInProduction("set KMS_URL; the key file of KMS_KEY_FILE is for development")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent) as file:  # whole before others see it under its name
                file.write(AESGCM.generate_key(256))
                file.flush()
                with suppress(FileExistsError):  # another process was faster
                    path.hardlink_to(file.name)
        return cls(path.read_bytes())

    async def wrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys, wrapped."""
        nonces = [os.urandom(_NONCE_BYTES) for _ in keys]
        return [
            nonce + self._key.encrypt(nonce, key, context) for nonce, (key, context) in zip(nonces, keys, strict=True)
        ]

    async def unwrap(self, keys: Sequence[Wrapping]) -> Sequence[bytes]:
        """Return data keys."""
        return [self._key.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context) for wrapped, context in keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key as it is kept. **Shape**: `wrapped` is None once it was destroyed."""

    kid: str
    tenant_id: str
    subject: str
    wrapped: bytes | None


class KeyStore(Protocol):
    """Where wrapped data keys are kept; a database of its own."""

    async def ensure(self, offered: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Keep the offered key of each subject that has none; return the one that each subject has."""

    async def find(self, kids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return keys by id."""

    async def destroy(self, tenant_id: str, subject: str) -> None:
        """Forget a key for good; again changes nothing."""


class MemoryKeyStore:
    """Keys that end with the process. **Shape**: `KeyStore`."""

    def __init__(self) -> None:
        self._keys: dict[Subject, WrappedKey] = {}

    async def ensure(self, offered: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Keep the offered key of each subject that has none."""
        return [self._keys.setdefault((key.tenant_id, key.subject), key) for key in offered]

    async def find(self, kids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return keys by id."""
        return [key for key in self._keys.values() if key.kid in kids]

    async def destroy(self, tenant_id: str, subject: str) -> None:
        """Forget a key for good."""
        key = self._keys.get((tenant_id, subject))
        if key is not None:
            self._keys[tenant_id, subject] = WrappedKey(kid=key.kid, tenant_id=tenant_id, subject=subject, wrapped=None)


class _Sealed(Struct, frozen=True):
    kid: Annotated[str, Meta(description="Which data key.", pattern=f"^{UUID_PATTERN}$")]
    alg: str
    ct: Annotated[str, Meta(description="Nonce and ciphertext, base64.")]


class _Carrier(Struct, frozen=True):
    personal: _Sealed | None = None


_CARRIER: Final = json.Decoder(_Carrier)


class Stored(Protocol):
    """What opening needs of a fact: an envelope has it, and what a fold reads."""

    @property
    def tenant_id(self) -> str: ...  # noqa: D102 (an envelope's field, as those below)
    @property
    def event_id(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def schema_version(self) -> int: ...  # noqa: D102
    @property
    def data(self) -> bytes: ...  # noqa: D102


class Vault:
    """Seals and opens; uses unwrapped keys for a minute."""

    def __init__(self, registry: Registry, kms: Kms, keys: KeyStore) -> None:
        self.registry = registry
        self._kms = kms
        self._keys = keys
        self._cache = KeyCache()
        self._index_keys: dict[str, bytes] = {}

    async def prepare(self, subjects: Iterable[Subject]) -> None:
        """Have the data keys of subjects at hand; make those that nobody has."""
        now = monotonic()
        wanted = sorted(self.missing(subjects))
        if wanted:
            await self._remember(await self._keys.ensure(await self._new_keys(wanted)), now)

    def missing(self, subjects: Iterable[Subject]) -> set[Subject]:
        """Return the subjects whose data keys are not at hand; the others' stay for the work that asks."""
        now = monotonic()
        return {each for each in subjects if not self._cache.hold(each, now)}

    async def prepare_to_open(self, envelopes: Iterable[Stored]) -> None:
        """Have the data keys at hand that sealed events were sealed with."""
        now = monotonic()
        wanted: set[str] = set()
        for envelope in envelopes:
            event = self.registry.events.get(envelope.type)
            if event is None or not personal_fields(event):
                continue
            with suppress(DecodeError):  # `open` meets it again, and its key parks
                sealed = _sealed(envelope)
                if sealed is not None and not self._cache.hold(sealed.kid, now):
                    wanted.add(sealed.kid)
        if wanted:
            await self._remember(await self._keys.find(sorted(wanted)), now)

    def seal(self, event: Event, *, tenant_id: str, event_id: str) -> bytes:
        """Return the bytes of an event as they are stored. **Errors**: `KeyDestroyed`, `UnstorableText`."""
        names = personal_fields(type(event))
        if not names:
            return _storable(json.encode(event))
        key = self._at_hand((tenant_id, subject_of(event)))
        if key.secret is None:
            raise KeyDestroyed("the patient's key was destroyed; nothing more can be recorded about the person")
        fields = structs.asdict(event)
        personal = _storable(json.encode({name: fields.pop(name) for name in sorted(names)}))
        nonce = os.urandom(_NONCE_BYTES)
        context = _context(tenant_id, event_id, type(event).__name__)
        ciphertext = AESGCM(key.secret).encrypt(nonce, personal, context)
        plain = _storable(json.encode(fields))  # never empty: an event names what it is about in the clear
        return b'%b,"personal":{"kid":"%b","alg":"%b","ct":"%b"}}' % (
            plain[:-1],
            key.kid.encode(),
            ALGORITHM.encode(),
            b64encode(nonce + ciphertext),
        )

    def open(self, envelope: Stored) -> Event | None:
        """Return the event of an envelope, its personal fields in the clear or `ERASED`; None for an unknown type.

        **Errors**: those of `Registry.decode`; `cryptography`'s for a block that was not sealed for this event.
        """
        event = self.registry.events.get(envelope.type)
        if event is None:
            return None
        data = envelope.data
        names = personal_fields(event)
        if names:
            data = self._plain(envelope, names)
        return self.registry.decode(envelope.type, envelope.schema_version, data)

    def _plain(self, envelope: Stored, names: frozenset[str]) -> bytes:
        sealed = _sealed(envelope)
        key = self._cache.get(sealed.kid) if sealed else None
        if sealed is not None and key is None:
            raise KeyNotFound("the key store does not know the key of a sealed block; is it the right database?")
        if sealed is None or key is None or key.secret is None:
            personal = json.encode(dict.fromkeys(sorted(names), ERASED))
        else:
            block = b64decode(sealed.ct)
            context = _context(envelope.tenant_id, envelope.event_id, envelope.type)
            personal = AESGCM(key.secret).decrypt(block[:_NONCE_BYTES], block[_NONCE_BYTES:], context)
        return envelope.data[:-1] + b"," + personal[1:]

    async def prepare_index(self, tenant_id: str) -> None:
        """Have the key at hand that reserved names of a tenant are hashed with; it outlives all data keys."""
        if tenant_id not in self._index_keys:
            (key,) = await self._keys.ensure(await self._new_keys([(tenant_id, INDEX_SUBJECT)]))
            if key.wrapped is None:
                raise KeyDestroyed("the tenant's index key was destroyed")
            (self._index_keys[tenant_id],) = await self._kms.unwrap([(key.wrapped, _wrapping_context(key))])

    def index(self, tenant_id: str, text: str) -> str:
        """Return the HMAC of a text under the tenant's index key, hexadecimal."""
        return digest(self._index_keys[tenant_id], text.encode(), sha256).hex()

    async def seal_file(self, tenant_id: str, name: str, content: bytes) -> bytes:
        """Return a file's bytes sealed under the tenant's key. **Shape**: kid, 36 bytes; nonce; ciphertext."""
        await self.prepare([(tenant_id, TENANT_SUBJECT)])
        key = self._at_hand((tenant_id, TENANT_SUBJECT))
        if key.secret is None:
            raise KeyDestroyed("the tenant's key was destroyed")
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, content, _context(tenant_id, name, "file"))
        return key.kid.encode() + nonce + sealed

    async def open_file(self, tenant_id: str, name: str, sealed: bytes) -> bytes:
        """Return a file's bytes.

        **Errors**: `KeyDestroyed`, `KeyNotFound`; `ValueError` and `cryptography`'s where it is not as it was sealed.
        """
        kid, block = str(UUID(sealed[:36].decode())), sealed[36:]
        if not self._cache.hold(kid, monotonic()):
            await self._remember(await self._keys.find([kid]), monotonic())
        key = self._cache.get(kid)
        if key is None:
            raise KeyNotFound("the key store does not know the key of a file; is it the right database?")
        if key.secret is None:
            raise KeyDestroyed("the tenant's key was destroyed")
        return AESGCM(key.secret).decrypt(block[:_NONCE_BYTES], block[_NONCE_BYTES:], _context(tenant_id, name, "file"))

    async def _new_keys(self, subjects: Sequence[Subject]) -> Sequence[WrappedKey]:
        bare = [WrappedKey(kid=new_id(), tenant_id=each[0], subject=each[1], wrapped=None) for each in subjects]
        wrapped = await self._kms.wrap([(AESGCM.generate_key(256), _wrapping_context(each)) for each in bare])
        return [replace(key, wrapped=block) for key, block in zip(bare, wrapped, strict=True)]

    async def _remember(self, keys: Sequence[WrappedKey], now: float) -> None:
        there = [(key.wrapped, _wrapping_context(key)) for key in keys if key.wrapped is not None]
        opened = iter(await self._kms.unwrap(there))
        at_hand: dict[Subject | str, DataKey] = {}
        for key in keys:
            secret = None if key.wrapped is None else next(opened)
            at_hand[key.tenant_id, key.subject] = at_hand[key.kid] = DataKey(key.kid, secret, now + GOOD_SECONDS)
        self._cache.keep(at_hand, now)

    def _at_hand(self, subject: Subject) -> DataKey:
        key = self._cache.get(subject)
        if key is None:
            raise RuntimeError("a key is prepared before something is sealed with it")
        return key


class AtHand:
    """The data keys of one flush: each is asked about once, and nobody waits again where the key store is away."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._prepared: set[Subject] = set()
        self._away: Unavailable | None = None

    async def prepare(self, subjects: set[Subject]) -> None:
        """Have the data keys of subjects at hand. **Errors**: those of the key store and of `Kms`."""
        wanted = subjects - self._prepared
        if self._away and self._vault.missing(wanted):
            raise self._away
        if wanted:
            try:
                await self._vault.prepare(wanted)
            except Unavailable as error:
                self._away = error
                raise
            self._prepared |= wanted


def subject_of(event: Event) -> str:
    """Return whose key an event is sealed with: the patient that it names, else the tenant."""
    return str(getattr(event, "patient_id", TENANT_SUBJECT) or TENANT_SUBJECT)


def is_personal(event: Event) -> bool:
    """Return whether an event has fields to seal."""
    return bool(personal_fields(type(event)))


def _sealed(envelope: Stored) -> _Sealed | None:
    """Return the sealed block of an event that has personal fields, None where it was stored without one."""
    return _CARRIER.decode(envelope.data).personal


def _storable(encoded: bytes) -> bytes:
    """Return bytes of JSON as they are. **Errors**: `UnstorableText`."""
    if holds_nul(encoded):
        raise UnstorableText("a text holds a NUL character; remove it")
    return encoded


def _context(*parts: str) -> bytes:
    return b"".join([b"%d:%b" % (len(part), part) for part in map(str.encode, parts)])


def _wrapping_context(key: WrappedKey) -> bytes:
    return _context(key.kid, key.tenant_id, key.subject)


def masked(data: bytes) -> Mapping[str, object]:
    """Return an event's stored fields without its sealed block, for people who look at parked records."""
    fields: dict[str, object] = json.decode(data)
    return {name: "sealed" if name == "personal" else value for name, value in fields.items()}
