"""A fact goes onto the log and comes back whole; what is not ours is recognized."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import Actor, Envelope
from shared.runtime.log import Fetched, Record, partition_of, topic_of
from shared.runtime.wire import Standing, arrived, arrived_if, to_record
from tests.support.donating import donated
from tests.support.memory import envelope_of

AT = datetime(2026, 3, 3, 14, 30, 0, 123_456, tzinfo=UTC)


def changed(envelope: Envelope, **changes: object) -> Envelope:
    fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
    return Envelope(**(fields | changes))


FACT = changed(
    envelope_of(donated("P-1"), position=7, at=AT),
    version=3,
    public=False,
    actor=Actor(kind="rule", id="claims/price"),
    causation_id="0190f3c2-0000-7000-8000-000000000001",
    unit_first=6,
    unit_last=9,
    names=(("card", "ab"), ("mrn", "cd")),
    chain_hash=bytes(range(32)),
)


def record_of(fact: Envelope) -> Record:
    return to_record(fact, service="registration", store_id="s-1", incarnation=2, previous_position=5)


def fetched(record: Record, **headers: bytes | None) -> Fetched:
    """Return a record as a reader gives it; a header that is None is left out."""
    given = {name: value for name, value in (dict(record.headers) | headers).items() if value is not None}
    return Fetched(place=("t", 0), offset=0, key=record.key, value=record.value, headers=tuple(given.items()))


def test_fact_comes_back_whole() -> None:
    back = arrived(fetched(record_of(FACT)))

    assert back is not None
    assert back.envelope == FACT
    assert (back.previous_position, back.store_id, back.incarnation) == (5, "s-1", 2)


def test_fact_without_cause_and_names_comes_back_whole() -> None:
    fact = changed(FACT, causation_id=None, names=())
    back = arrived(fetched(record_of(fact)))

    assert back is not None
    assert back.envelope == fact


def test_fact_of_a_type_that_somebody_wants_comes_back_whole() -> None:
    record = fetched(record_of(FACT))

    assert arrived_if({"PayerAdded"}, record) == arrived(record)


def test_of_other_facts_only_the_place_is_looked_at() -> None:
    found = arrived_if(set(), fetched(record_of(FACT), ce_time=b"yesterday", ce_unit=None))

    assert found == Standing(
        type="PayerAdded", position=7, previous_position=5, recorded_at=AT, store_id="s-1", incarnation=2
    )


@pytest.mark.parametrize(
    "headers",
    [{"ce_type": None}, {"ce_position": b"first"}, {"ce_previousposition": None}, {"ce_store": b"s\x00"}],
    ids=repr,
)
def test_fact_without_a_place_is_not_one_of_ours(headers: dict[str, bytes | None]) -> None:
    assert arrived_if(set(), fetched(record_of(FACT), **headers)) is None


def test_headers_are_those_of_cloudevents_and_texts() -> None:
    headers = {name: value.decode() for name, value in record_of(FACT).headers}

    assert headers["ce_specversion"] == "1.0"
    assert headers["content-type"] == "application/json"
    assert headers["ce_source"] == "/claimlog/registration"
    assert headers["ce_dataschema"] == "/schemas/PayerAdded.v1.json"
    assert headers["ce_partitionkey"] == record_of(FACT).key.decode() == "P-1"


@pytest.mark.parametrize(
    "headers",
    [
        {"ce_id": None},
        {"ce_position": b"first"},
        {"ce_time": b"yesterday"},
        {"ce_time": b"0001-01-01T00:00:00+14:00"},
        {"ce_actorkind": b"robot"},
        {"ce_unit": b"6"},
        {"ce_names": b"{"},
        {"ce_names": b'["x"]'},
        {"ce_chainhash": b"zz"},
        {"ce_subject": b"\xff"},
        {"ce_partitionkey": b"P\x00"},
        {"ce_previousposition": None},
    ],
    ids=repr,
)
def test_record_that_is_not_one_of_ours_is_none(headers: dict[str, bytes | None]) -> None:
    assert arrived(fetched(record_of(FACT), **headers)) is None


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=20)), st.binary(max_size=50))
def test_no_record_of_a_stranger_breaks_the_reader(headers: dict[str, bytes], value: bytes) -> None:
    record = Fetched(place=("t", 0), offset=0, key=b"", value=value, headers=tuple(headers.items()))

    assert arrived(record) is None
    assert arrived_if(set(), record) is None


def test_partition_follows_from_the_key_alone() -> None:
    spread = {partition_of(f"key-{n}", 4) for n in range(100)}

    assert partition_of("0190f3c2", 4) == partition_of("0190f3c2", 4)
    assert spread == {0, 1, 2, 3}
    assert partition_of("123456789", 2**32) == 0xCBF43926  # the check value of CRC-32: other clients must agree


def test_private_facts_have_a_topic_of_their_own() -> None:
    assert topic_of("claimlog", "claims", public=True) == "claimlog.claims"
    assert topic_of("claimlog", "claims", public=False) == "claimlog.claims.internal"
