"""The sealed block: opens for its own event, its own tenant, while its key exists, and for nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import ValidationError, json

from shared.events.envelope import Envelope, Event
from shared.events.registry import Registry
from shared.kernel.erased import ERASED
from shared.runtime import keys as module
from shared.runtime.key_cache import GOOD_SECONDS
from shared.runtime.keys import (
    AtHand,
    DevelopmentKeyInProduction,
    KeyDestroyed,
    KeyNotFound,
    LocalKms,
    MemoryKeyStore,
    UnstorableText,
    Vault,
    masked,
    subject_of,
)
from shared.runtime.store import StoreUnavailable
from tests.support.away_keys import AwayKeys
from tests.support.lending import CardIssued, CopyLent
from tests.support.memory import envelope_of

AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
CARD = CardIssued(patient_id="R-1", card_name="Ada Sample")


@pytest.fixture
def keys() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def vault(keys: MemoryKeyStore) -> Vault:
    return another(keys)


def another(keys: MemoryKeyStore, *, kms_key: bytes = bytes(32)) -> Vault:
    """Return a vault of another process over the same keys."""
    return Vault(Registry.of(CardIssued, CopyLent), LocalKms(kms_key), keys)


async def sealed(vault: Vault, event: Event, *, tenant_id: str = "demo") -> Envelope:
    await vault.prepare([(tenant_id, subject_of(event))])
    return with_data(envelope_of(event, position=1, at=AT, tenant_id=tenant_id), vault)


def with_data(envelope: Envelope, vault: Vault) -> Envelope:
    event = CARD if envelope.type == "CardIssued" else vault.registry.decode(envelope.type, 1, envelope.data)
    assert event is not None
    data = vault.seal(event, tenant_id=envelope.tenant_id, event_id=envelope.event_id)
    return changed(envelope, data=data)


def changed(envelope: Envelope, **changes: object) -> Envelope:
    fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
    return Envelope(**(fields | changes))


async def opened(vault: Vault, envelope: Envelope) -> Event | None:
    await vault.prepare_to_open([envelope])
    return vault.open(envelope)


async def test_what_was_sealed_opens_in_another_process(vault: Vault, keys: MemoryKeyStore) -> None:
    envelope = await sealed(vault, CARD)

    assert b"Sample" not in envelope.data
    assert json.decode(envelope.data)["patient_id"] == "R-1"
    assert await opened(vault, envelope) == CARD
    assert await opened(another(keys), envelope) == CARD


async def test_event_without_personal_fields_is_stored_as_it_is(vault: Vault) -> None:
    lent = CopyLent(copy_id="C-1", title="Example")

    assert vault.seal(lent, tenant_id="demo", event_id="e-1") == json.encode(lent)


async def test_same_event_is_sealed_differently_each_time(vault: Vault) -> None:
    assert (await sealed(vault, CARD)).data != (await sealed(vault, CARD)).data


@pytest.mark.parametrize("changes", [{"event_id": "another"}, {"tenant_id": "other"}], ids=["event", "tenant"])
async def test_block_of_another_event_or_tenant_is_refused(vault: Vault, changes: dict[str, object]) -> None:
    envelope = await sealed(vault, CARD)

    with pytest.raises(InvalidTag):
        await opened(vault, changed(envelope, **changes))


async def test_swapped_block_is_refused(vault: Vault) -> None:
    one, other = await sealed(vault, CARD), await sealed(vault, CARD)

    with pytest.raises(InvalidTag):
        await opened(vault, changed(one, data=other.data))


async def test_flipped_bit_is_refused(vault: Vault) -> None:
    envelope = await sealed(vault, CARD)
    fields = json.decode(envelope.data)
    text = fields["personal"]["ct"]
    fields["personal"]["ct"] = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]

    with pytest.raises(InvalidTag):
        await opened(vault, changed(envelope, data=json.encode(fields)))


async def test_key_of_another_tenants_person_is_another_key(vault: Vault, keys: MemoryKeyStore) -> None:
    await sealed(vault, CARD)
    await sealed(vault, CARD, tenant_id="other")
    wrapped = {each.wrapped for each in keys._keys.values()}  # noqa: SLF001 (what the store was given)

    assert len(wrapped) == 2


async def test_destroyed_key_leaves_erased_fields_and_takes_no_new_ones(vault: Vault, keys: MemoryKeyStore) -> None:
    envelope = await sealed(vault, CARD)
    await keys.destroy("demo", "R-1")
    await keys.destroy("demo", "R-1")
    later = another(keys)

    assert await opened(later, envelope) == CardIssued(patient_id="R-1", card_name=ERASED)
    with pytest.raises(KeyDestroyed):
        await sealed(later, CARD)


async def test_destroyed_key_is_forgotten_after_a_minute(
    vault: Vault, keys: MemoryKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = 1_000.0
    monkeypatch.setattr(module, "monotonic", lambda: time)
    envelope = await sealed(vault, CARD)
    await keys.destroy("demo", "R-1")
    still = await opened(vault, envelope)
    time += GOOD_SECONDS + 1

    assert still == CARD
    assert await opened(vault, envelope) == CardIssued(patient_id="R-1", card_name=ERASED)


@pytest.mark.parametrize(
    "kid", ["none of ours", "01A22411-3744-7316-A653-57CEE8F8742B"], ids=["no id", "not as we write"]
)
async def test_block_that_names_no_key_of_any_store_is_no_outage(vault: Vault, kid: str) -> None:
    envelope = await sealed(vault, CARD)
    fields = json.decode(envelope.data)
    fields["personal"]["kid"] = kid

    with pytest.raises(ValidationError):
        await opened(vault, changed(envelope, data=json.encode(fields)))


async def test_unknown_key_is_an_outage_and_no_erased_person(vault: Vault) -> None:
    envelope = await sealed(vault, CARD)

    with pytest.raises(KeyNotFound):
        await opened(another(MemoryKeyStore()), envelope)


async def test_wrapped_key_opens_only_with_the_wrapping_key(vault: Vault, keys: MemoryKeyStore) -> None:
    envelope = await sealed(vault, CARD)

    with pytest.raises(InvalidTag):
        await opened(another(keys, kms_key=b"\x01" * 32), envelope)


@pytest.mark.parametrize("title", ["a\x00b", "\x00", "\\\x00"])
async def test_nul_in_a_text_is_refused(vault: Vault, title: str) -> None:
    with pytest.raises(UnstorableText):
        vault.seal(CopyLent(copy_id="C-1", title=title), tenant_id="demo", event_id="e-1")


@pytest.mark.parametrize("title", ["\\u0000", "C:\\u0000", "\\\\u0000"])
async def test_text_that_only_looks_like_a_nul_is_kept(vault: Vault, title: str) -> None:
    lent = CopyLent(copy_id="C-1", title=title)

    assert json.decode(vault.seal(lent, tenant_id="demo", event_id="e-1"), type=CopyLent) == lent


async def test_nul_in_a_personal_field_is_refused(vault: Vault) -> None:
    await vault.prepare([("demo", "R-1")])
    with pytest.raises(UnstorableText):
        vault.seal(CardIssued(patient_id="R-1", card_name="a\x00"), tenant_id="demo", event_id="e-1")


async def test_names_are_hashed_under_a_key_of_their_tenant(vault: Vault, keys: MemoryKeyStore) -> None:
    for tenant in ("demo", "other"):
        await vault.prepare_index(tenant)
    elsewhere = another(keys)
    await elsewhere.prepare_index("demo")

    assert vault.index("demo", "ada") == elsewhere.index("demo", "ada")
    assert vault.index("demo", "ada") != vault.index("other", "ada")
    assert vault.index("demo", "ada") != vault.index("demo", "eve")


async def test_file_opens_under_its_name_and_tenant_alone(vault: Vault, keys: MemoryKeyStore) -> None:
    block = await vault.seal_file("demo", "hash", b"ISA*00*")

    assert b"ISA" not in block
    assert await another(keys).open_file("demo", "hash", block) == b"ISA*00*"
    with pytest.raises(InvalidTag):
        await vault.open_file("demo", "other hash", block)
    with pytest.raises(InvalidTag):
        await vault.open_file("other", "hash", block)


async def test_masked_record_shows_no_sealed_block(vault: Vault) -> None:
    assert masked((await sealed(vault, CARD)).data) == {"patient_id": "R-1", "personal": "sealed"}


def test_development_key_file_is_whole_from_the_moment_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys" / "development.key"
    there: list[bool] = []

    def generated(_: int) -> bytes:
        there.append(path.exists())
        return bytes(32)

    monkeypatch.setattr(AESGCM, "generate_key", generated)
    LocalKms.from_file(path, environment="development")

    assert there == [False]
    assert path.read_bytes() == bytes(32)
    assert list(path.parent.iterdir()) == [path]


async def test_development_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "development.key"
    first = LocalKms.from_file(path, environment="development")
    again = LocalKms.from_file(path, environment="development")

    wrapped = await first.wrap([(b"key", b"context"), (b"other", b"another")])
    assert await again.unwrap([(wrapped[1], b"another"), (wrapped[0], b"context")]) == [b"other", b"key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_development_key_is_refused_in_production(tmp_path: Path) -> None:
    with pytest.raises(DevelopmentKeyInProduction):
        LocalKms.from_file(tmp_path / "development.key", environment="production")
    assert not list(tmp_path.iterdir())


async def test_while_keys_are_away_those_at_hand_serve_and_nobody_asks_again() -> None:
    keys = AwayKeys()
    vault = another(keys)
    await vault.prepare([("demo", "R-1")])
    keys.away = True
    at_hand = AtHand(vault)
    with pytest.raises(StoreUnavailable):
        await at_hand.prepare({("demo", "R-1"), ("demo", "R-2")})
    await at_hand.prepare({("demo", "R-1")})
    with pytest.raises(StoreUnavailable):
        await at_hand.prepare({("demo", "R-3")})

    assert keys.times_away == 1
