"""The promises of the platform, checked on what a line of donating and shelving left: folds without production code.

Each check yields counter-examples; `check` demands that there are none. `SAFETY` holds at every moment, whatever was
killed; the rest holds once the line has done its part. tests/fault/test_checker.py proves that each check can fail.
I6 (money) is the demo's (test_killed_demo.py) and that of payments' own invariants; this line has no money.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from tests.support.evidence import Evidence, Fact, Published, Stored

_PARKING: Final = {"KeyParked": 1, "KeyReleased": -1, "RecordDiscarded": -1}
_REACTIONS: Final = {"CopyShelved": "shelve_gift", "CopyStamped": "stamp_copy"}
_EFFECT: Final = "effect:thank"
_OWN: Final = "own"

Check = Callable[[Evidence], Iterator[str]]


def no_loss(found: Evidence) -> Iterator[str]:
    """I1: what a caller was told is there."""
    there = {(fact.stream, fact.version): fact for fact in found.giver.facts}
    for told in found.told:
        if told.how == "ok" and (told.stream, told.version) not in there:
            yield f"{told.key} was answered with {told.stream} {told.version}, which is not there"
    for key, place in found.giver.answers.items():
        if place not in there:
            yield f"{key} has an answer without its fact"


def no_phantom(found: Evidence) -> Iterator[str]:
    """I2: every fact belongs to an operation that was asked for, or to a fact that is there."""
    decided = {told.key: told.how for told in found.told if told.how in {"ok", "failed"}}
    asked = Counter({told.key: told.subject for told in found.told}.values())
    refused = Counter(told.subject for told in found.told if decided.get(told.key) == told.how == "failed")
    for subject, count in Counter(fact.key for fact in found.giver.facts).items():
        if count > asked[subject] - refused[subject]:
            yield f"{subject} has {count} facts, {asked[subject]} were asked for and {refused[subject]} refused"
    causes = {fact.event_id for stored in (found.giver, found.shelver) for fact in stored.facts}
    for fact in found.shelver.facts:
        if fact.causation_id not in causes:
            yield f"{fact.type} at {fact.position} follows from nothing"


def order(found: Evidence) -> Iterator[str]:
    """I3: positions and versions have no hole, the chain covers all, no partition has a hole."""
    for name, stored in (("giver", found.giver), ("shelver", found.shelver)):
        yield from (f"{name}: {each}" for each in _history(stored))
    for place, records in found.topics.items():
        highest = 0
        for offset, record in enumerate(records):
            if record.position <= highest:
                continue  # a tail that was sent again
            if record.previous != highest:
                yield f"{place} {offset}: {record.position} follows {record.previous}, {highest} was before it"
            highest = record.position


def _history(stored: Stored) -> Iterator[str]:
    previous, versions = bytes(32), Counter[tuple[str, str]]()
    for position, fact in enumerate(stored.facts, start=1):
        stream = (fact.tenant_id, fact.stream)
        versions[stream] += 1
        previous = _linked(previous, fact)
        if (fact.position, fact.version) != (position, versions[stream]):
            yield f"{fact.stream} {fact.version} at {fact.position}, expected {versions[stream]} at {position}"
            return
        if fact.chain_hash != previous:
            yield f"the chain breaks at {position}"
            return
        if not fact.unit_first <= position <= fact.unit_last <= len(stored.facts):
            yield f"the unit of {position} is torn"
    if stored.head != (len(stored.facts), previous):
        yield f"the head is at {stored.head[0]} and the facts end at {len(stored.facts)}"


def _linked(previous: bytes, fact: Fact) -> bytes:
    parts = (
        previous,
        str(fact.position).encode(),
        fact.tenant_id.encode(),
        fact.stream.encode(),
        str(fact.version).encode(),
        fact.event_id.encode(),
        fact.type.encode(),
        str(fact.schema_version).encode(),
        fact.recorded_at.isoformat().encode(),
        fact.actor_kind.encode(),
        fact.actor_id.encode(),
        fact.data,
    )
    return sha256(b"".join(str(len(part)).encode() + b":" + part for part in parts)).digest()


def one_effect_per_key(found: Evidence) -> Iterator[str]:
    """I4: one key has one fact and one answer, however often it was sent."""
    answers: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for told in found.told:
        if told.how == "ok":
            answers[told.key].add((told.stream, told.version))
        if told.how == "failed" and told.key in found.giver.answers:
            yield f"{told.key} was refused and has an answer"
    for key, given in answers.items():
        if given != {found.giver.answers.get(key)}:
            yield f"{key} was answered {sorted(given)}, kept is {found.giver.answers.get(key)}"
    for place, count in Counter(found.giver.answers.values()).items():
        if count > 1:
            yield f"{place} is the answer of {count} keys"
    if len(found.giver.answers) != len(found.giver.facts):
        yield f"{len(found.giver.facts)} facts under {len(found.giver.answers)} keys"


def one_effect_per_fact(found: Evidence) -> Iterator[str]:
    """I5: a fact leads to each consequence once, under the id that follows from it."""
    for (cause, kind), count in Counter((fact.causation_id, fact.type) for fact in _led(found)).items():
        if count > 1:
            yield f"{cause} led to {kind} {count} times"
    for fact in _led(found):
        reaction = _REACTIONS.get(fact.type)
        if reaction and fact.event_id != str(uuid5(UUID(fact.causation_id), f"{reaction}/1")):
            yield f"{fact.type} at {fact.position} has an id of its own"
    for event_id, count in Counter(fact.event_id for fact in (*found.giver.facts, *found.shelver.facts)).items():
        if count > 1:
            yield f"{event_id} is there {count} times"


def world_is_told_once(found: Evidence) -> Iterator[str]:
    """I5: what goes out goes out once, after its attempt was kept and before its result."""
    attempted = {fact.key for fact in found.shelver.facts if fact.type == "LetterAttempted"}
    for letter, count in Counter(found.letters).items():
        if count > 1:
            yield f"{letter} went out {count} times"
        if letter not in attempted:
            yield f"{letter} went out without an attempt"
    for fact in found.shelver.facts:
        if fact.type == "LetterSent" and fact.key not in found.letters:
            yield f"{fact.key} is said to have gone out, and did not"


def _led(found: Evidence) -> Iterator[Fact]:
    return (fact for fact in found.shelver.facts if fact.type not in _PARKING)


def everything_led_on(found: Evidence) -> Iterator[str]:
    """I5, at rest: every gift is shelved, stamped and thanked for, unless it is parked, or nobody is ever thanked."""
    parked = {row.event_id for row in found.shelver.parked}
    shelved = _by_cause(found, "CopyShelved")
    stamped = _by_cause(found, "CopyStamped")
    sent = {fact.key for fact in found.shelver.facts if fact.type == "LetterSent"}
    for gift in found.giver.facts:
        copy = shelved.get(gift.event_id)
        stamp = stamped.get(copy.event_id) if copy else None
        if copy is None and gift.event_id not in parked:
            yield f"the gift at {gift.position} was not shelved"
        elif copy is not None and stamp is None and copy.event_id not in parked:
            yield f"the copy at {copy.position} was not stamped"
        elif stamp is not None and found.letters and stamp.body["letter_id"] not in sent:
            yield f"nobody was thanked for {stamp.body['letter_id']}"


def _by_cause(found: Evidence, kind: str) -> Mapping[str | None, Fact]:
    return {fact.causation_id: fact for fact in found.shelver.facts if fact.type == kind}


def read_models_are_folds(found: Evidence) -> Iterator[str]:
    """I7: each row is the fold of the facts that it follows from; foreign ones without those that are parked."""
    shelves: dict[str, dict[str, Any]] = {}
    for fact in found.shelver.facts:
        if fact.type in {"CopyShelved", "CopyStamped"}:
            row = shelves.setdefault(fact.key, {"copy_id": fact.key, "shelved": 0, "stamped": 0, "pages": 0})
            row["shelved"] += fact.type == "CopyShelved"
            row["stamped"] += fact.type == "CopyStamped"
            row["pages"] += fact.body.get("pages", 0)
    yield from _differences("rm_shelf_v1", shelves, found.shelver)
    if found.shelver.projected.get("rm_shelf_v1", 0) != len(found.shelver.facts):
        yield f"rm_shelf_v1 is at {found.shelver.projected.get('rm_shelf_v1')} of {len(found.shelver.facts)}"
    givers: dict[str, dict[str, Any]] = {}
    handled = _by_cause(found, "CopyShelved")
    for fact in found.giver.facts:
        if fact.event_id in handled:
            row = givers.setdefault(fact.key, {"payer_id": fact.key, "name": "", "gifts": 0, "pages": 0})
            row["name"] = fact.body["payer_name"]
            row["gifts"] += 1
            row["pages"] += fact.body["filing_limit_days"]
    yield from _differences("rm_givers_v1", givers, found.shelver)


def _differences(table: str, folded: Mapping[str, Mapping[str, Any]], stored: Stored) -> Iterator[str]:
    rows = stored.rows.get(table, {})
    for key in sorted({*folded, *rows}):
        if folded.get(key) != rows.get(key):
            yield f"{table} {key} is {rows.get(key)}, its facts say {folded.get(key)}"


def topics_hold_nothing_else(found: Evidence) -> Iterator[str]:
    """I8: what is published is in the store, byte for byte, and each stream keeps its order."""
    for service, stored in (("registration", found.giver), ("shelving", found.shelver)):
        facts = {fact.position: fact for fact in stored.facts}
        for record in _merged(found, service):
            fact = facts.get(record.position)
            if fact is None or not _same(record, fact):
                yield f"{service}: the record at {record.position} is not the fact there"


def topics_are_the_store(found: Evidence) -> Iterator[str]:
    """I8, at rest: every fact is published."""
    for service, stored in (("registration", found.giver), ("shelving", found.shelver)):
        there = [record.position for record in _merged(found, service)]
        missing = {fact.position for fact in stored.facts} - set(there)
        if missing:
            yield f"{service}: {min(missing)} is not published"
        if stored.relayed != len(stored.facts):
            yield f"{service}: the relay stands at {stored.relayed} of {len(stored.facts)}"


def _merged(found: Evidence, service: str) -> list[Published]:
    """Return a service's records by position, repeats dropped."""
    ours = (records for (topic, _), records in found.topics.items() if topic.split(".")[1] == service)
    unique = {(record.position, record.event_id): record for records in ours for record in records}
    return sorted(unique.values(), key=lambda record: record.position)


def _same(record: Published, fact: Fact) -> bool:
    return (record.event_id, record.stream, record.version, record.chain_hash, record.data) == (
        fact.event_id,
        fact.stream,
        fact.version,
        fact.chain_hash,
        fact.data,
    )


def nothing_vanishes(found: Evidence) -> Iterator[str]:
    """I9: what parked is a row until it is released or discarded, and so is all of its key that came later."""
    open_: Counter[tuple[str, int, int]] = Counter()
    for fact in found.shelver.facts:
        if fact.type in _PARKING:
            open_[fact.body["topic"], fact.body["partition"], fact.body["offset"]] += _PARKING[fact.type]
    rows = {(row.topic, row.partition, row.offset) for row in found.shelver.parked}
    if rows != set(+open_) or max(open_.values(), default=0) > 1 or min(open_.values(), default=0) < 0:
        yield f"the parked rows {sorted(rows)} are not what was parked and not released: {sorted(+open_)}"
    parked = {row.event_id for row in found.shelver.parked}
    handled = _by_cause(found, "CopyShelved")
    for key in sorted({row.key for row in found.shelver.parked if row.topic != _OWN}):
        gifts = [gift.event_id for gift in found.giver.facts if gift.key == key]
        first = min(gifts.index(each) for each in gifts if each in parked)
        for each in gifts[first:]:
            if each in handled:
                yield f"{each} of {key} was handled before one that is parked"


def everything_is_read(found: Evidence) -> Iterator[str]:
    """I10, at rest: nothing is pending: every partition is read to its end."""
    for (topic, partition), records in found.topics.items():
        offset, _ = found.shelver.checkpoints.get((topic, partition), (0, 0))
        if topic.endswith(".registration") and offset < len(records):
            yield f"{topic}/{partition} is read to {offset} of {len(records)}"
    intents = [fact.position for fact in found.shelver.facts if fact.type == "CopyStamped"]
    _, moved = found.shelver.checkpoints.get((_EFFECT, 0), (0, 0))
    if found.letters and intents and moved < intents[-1]:
        yield f"the letters stand at {moved} of {intents[-1]}"


SAFETY: Final[Mapping[str, Check]] = {
    "I1 no loss": no_loss,
    "I2 no phantom": no_phantom,
    "I3 order": order,
    "I4 one effect per key": one_effect_per_key,
    "I5 one effect per fact": one_effect_per_fact,
    "I5 the world is told once": world_is_told_once,
    "I7 read model = fold": read_models_are_folds,
    "I8 topics hold nothing else": topics_hold_nothing_else,
    "I9 nothing vanishes": nothing_vanishes,
}
AT_REST: Final[Mapping[str, Check]] = {
    **SAFETY,
    "I5 everything led on": everything_led_on,
    "I8 topics = log": topics_are_the_store,
    "I10 nothing pending": everything_is_read,
}


def violations(found: Evidence, checks: Mapping[str, Check] = AT_REST) -> dict[str, str]:
    """Return the first counter-example of each promise that is broken."""
    firsts = {name: next(holds(found), None) for name, holds in checks.items()}
    return {name: first for name, first in firsts.items() if first is not None}


def check(found: Evidence, checks: Mapping[str, Check] = AT_REST) -> None:
    """Refuse evidence that breaks a promise. **Errors**: `AssertionError` names each with a counter-example."""
    broken = violations(found, checks)
    assert not broken, "; ".join(f"{name}: {first}" for name, first in broken.items())
