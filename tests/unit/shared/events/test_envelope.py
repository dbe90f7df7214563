"""The chain over stored bytes, the subject of a fact, and finding an event's class again."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import ValidationError, json

from shared.events.envelope import Actor, Envelope, link, personal_fields
from shared.events.registration import PayerAdded
from shared.events.registry import EVENTS, PRODUCERS, Registry, UnknownVersion
from tests.support.donating import donated
from tests.support.lending import CardIssued, CopyLent, CopyReturned
from tests.support.memory import envelope_of

AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def changed(envelope: Envelope, **changes: object) -> Envelope:
    fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
    return Envelope(**(fields | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 2},
        {"tenant_id": "other"},
        {"stream": "PayerAdded-P-2"},
        {"version": 2},
        {"event_id": "e-2"},
        {"type": "PayerChanged"},
        {"schema_version": 2},
        {"recorded_at": AT + timedelta(microseconds=1)},
        {"actor": Actor(kind="ai", id="clerk-1")},
        {"actor": Actor(kind="human", id="clerk-2")},
        {"data": b"{}"},
    ],
    ids=repr,
)
def test_chain_breaks_at_every_change(changes: dict[str, object]) -> None:
    fact = envelope_of(donated("P-1"), position=1, at=AT)

    assert link(bytes(32), changed(fact, **changes)) != link(bytes(32), fact)


def test_chain_depends_on_all_before() -> None:
    fact = envelope_of(donated("P-1"), position=1, at=AT)

    assert link(bytes(32), fact) != link(b"\x01" * 32, fact)


def test_neighbouring_fields_cannot_borrow_from_each_other() -> None:
    fact = changed(envelope_of(donated("P-1"), position=1, at=AT), event_id="e")
    one = changed(fact, tenant_id="demo", stream="a-b")
    other = changed(fact, tenant_id="demoa", stream="-b")

    assert link(bytes(32), one) != link(bytes(32), other)


def test_subject_is_what_the_key_names() -> None:
    assert donated("P-1").subject() == "P-1"
    assert CopyLent(copy_id="C-1", title="Example").subject() == "C-1"


def test_personal_fields_are_those_that_are_marked() -> None:
    assert personal_fields(CardIssued) == {"card_name"}
    assert personal_fields(CopyLent) == frozenset()


def test_every_event_has_one_producer() -> None:
    assert sum(map(len, PRODUCERS.values())) == len(EVENTS)


def test_registry_reads_public_and_private_events_and_skips_strangers() -> None:
    registry = Registry.of(CopyLent)
    lent = CopyLent(copy_id="C-1", title="Example")

    assert registry.decode("PayerAdded", 1, json.encode(donated("P-1"))) == donated("P-1")
    assert registry.decode("CopyLent", 1, json.encode(lent)) == lent
    assert registry.decode("CopyReturned", 1, b"{}") is None


def test_registry_refuses_two_events_of_one_name() -> None:
    other = type("PayerAdded", (CopyReturned,), {"__annotations__": {}}, frozen=True, kw_only=True)

    with pytest.raises(ValueError, match="two events are called PayerAdded"):
        Registry.of(other)


def test_newer_form_is_refused_and_bytes_that_do_not_fit_too() -> None:
    registry = Registry.of()

    with pytest.raises(UnknownVersion):
        registry.decode("PayerAdded", PayerAdded.schema_version + 1, b"{}")
    with pytest.raises(ValidationError):
        registry.decode("PayerAdded", 1, b"{}")


def test_unknown_fields_of_a_newer_producer_are_ignored() -> None:
    fields = json.decode(json.encode(donated("P-1"))) | {"fax": "none"}

    assert Registry.of().decode("PayerAdded", 1, json.encode(fields)) == donated("P-1")


def test_older_form_is_lifted_step_by_step() -> None:
    class CopyMoved(CopyReturned, frozen=True, kw_only=True):
        schema_version = 3
        shelf: str

    steps = {
        ("CopyMoved", 1): lambda fields: {**fields, "place": "A"},
        ("CopyMoved", 2): lambda fields: {"copy_id": fields["copy_id"], "shelf": fields["place"]},
    }
    registry = Registry.of(CopyMoved, upcasters=steps)

    assert registry.decode("CopyMoved", 1, b'{"copy_id":"C-1"}') == CopyMoved(copy_id="C-1", shelf="A")
    assert registry.decode("CopyMoved", 2, b'{"copy_id":"C-1","place":"B"}') == CopyMoved(copy_id="C-1", shelf="B")
