"""Everything that happened around a claim, in one order: what five services recorded, who did it, what proves it.

Owns: joining what streams tell (when, who) with what the claim's timeline tells (codes, level, file). Pure. Refuses:
asking (`pages/claim.py`).
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

Fact: TypeAlias = Mapping[str, Any]
_KINDS: Final = {"rule": "rule ", "ai": "AI "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact. **Shape**: `actor` in words, empty where only a file tells of it; `file` is the hash of its proof."""

    at: datetime
    service: str
    fact: str
    actor: str = ""
    codes: tuple[str, ...] = ()
    level: str = ""
    file: str = ""


def story(streams: Mapping[str, Sequence[Fact]], timeline: Sequence[Fact], until: datetime | None) -> list[Entry]:
    """Return every fact up to an instant, oldest first.

    **Shape**: `streams` are facts by service; `timeline` is what claims tells of the claim, those of payments too.
    """
    told: defaultdict[str, deque[Fact]] = defaultdict(deque)
    for each in timeline:
        told[each["fact"]].append(each)
    entries = [_entry(service, fact, told) for service, facts in streams.items() for fact in facts]
    entries += _only_told(told.values(), {each.fact for each in entries})
    known = (each for each in entries if until is None or each.at <= until)
    return sorted(known, key=lambda each: each.at)


def actor(fact: Fact) -> str:
    """Return who did something: a person's account, or which rule, model or reaction."""
    kind, who = fact["actor"]["kind"], str(fact["actor"]["id"])
    return who if kind == "human" else _KINDS.get(kind, "") + who.rpartition("/")[2].replace("_", " ")


def _entry(service: str, fact: Fact, told: Mapping[str, deque[Fact]]) -> Entry:
    """Return a fact of a stream with what the timeline tells of it: those of one type come in the same order."""
    waiting = told.get(fact["type"])
    more: Fact = waiting.popleft() if waiting else {}
    return Entry(
        at=datetime.fromisoformat(fact["recorded_at"]),
        service=service,
        fact=fact["type"],
        actor=actor(fact),
        codes=_codes(more.get("codes", ())),
        level=more.get("level") or "",
        file=more.get("file_sha256") or "",
    )


def _codes(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes as people read them; which set of codes a claim has is no code."""
    return tuple(each.replace("coding-version:", "version ") for each in codes)


def _only_told(left: Iterable[deque[Fact]], seen: set[str]) -> Iterator[Entry]:
    """Yield what stands in no stream of ours: what became of the file that the claim was in."""
    for each in (each for facts in left for each in facts):
        if each["fact"] not in seen:
            yield Entry(
                at=datetime.fromisoformat(each["at"]),
                service="claims",
                fact=each["fact"],
                codes=_codes(each["codes"]),
                level=each["level"] or "",
                file=each["file_sha256"] or "",
            )
