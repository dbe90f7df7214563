"""Keys are at hand while they are used, good for a minute, and gone soon after."""

import pytest

from shared.runtime import key_cache
from shared.runtime.key_cache import GOOD_SECONDS, DataKey, KeyCache

NOW = 1_000.0


def key(n: int, now: float = NOW) -> DataKey:
    return DataKey(f"kid-{n}", b"secret", now + GOOD_SECONDS)


@pytest.fixture
def cache() -> KeyCache:
    kept = KeyCache()
    kept.keep({("demo", "p-1"): key(1), "kid-1": key(1)}, NOW)
    return kept


def test_a_key_has_two_names_and_is_good_for_a_minute(cache: KeyCache) -> None:
    assert cache.get(("demo", "p-1")) == cache.get("kid-1") == key(1)
    assert cache.hold("kid-1", NOW + GOOD_SECONDS)
    assert not cache.hold("kid-1", NOW + GOOD_SECONDS + 1)
    assert not cache.hold("kid-2", NOW)


def test_work_that_began_with_a_key_ends_with_it(cache: KeyCache) -> None:
    assert not cache.hold("kid-1", NOW + 10 * GOOD_SECONDS)
    assert cache.get("kid-1") == key(1)


def test_who_is_not_asked_for_is_gone_after_two_minutes(cache: KeyCache) -> None:
    for minute in (1, 2, 3):
        now = NOW + minute * (GOOD_SECONDS + 1)
        cache.keep({"kid-2": key(2, now)}, now)

    assert cache.get("kid-1") is None
    assert cache.get("kid-2") is not None
    assert len(cache) == 1


def test_of_many_those_that_are_used_stay(cache: KeyCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cache, "_YOUNG_NAMES_MAX", 10)
    for n in range(2, 60):
        assert cache.hold("kid-1", NOW)
        cache.keep({f"kid-{n}": key(n)}, NOW)

    assert cache.get("kid-1") == key(1)
    assert cache.get("kid-2") is None
    assert len(cache) <= 2 * 12


def test_what_is_kept_together_stays_together(cache: KeyCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cache, "_YOUNG_NAMES_MAX", 10)
    assert cache.hold("kid-1", NOW)
    cache.keep({f"kid-{n}": key(n) for n in range(2, 60)}, NOW)

    assert all(cache.get(f"kid-{n}") for n in range(1, 60))


def test_a_secret_is_not_shown() -> None:
    assert "secret=" not in repr(key(1))
