"""What happened around a claim, from the streams of five services and from the claim's own timeline."""

from datetime import datetime
from typing import Any

from apps.console.story import story


def fact(kind: str, at: str, actor: str = "claims/batches", *, by: str = "service") -> dict[str, Any]:
    return {"type": kind, "recorded_at": f"2026-03-03T{at}+00:00", "actor": {"kind": by, "id": actor}}


def told(kind: str, at: str, *, file: str | None = None, codes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"fact": kind, "at": f"2026-03-03T{at}+00:00", "codes": codes, "level": "payer", "file_sha256": file}


def test_facts_of_all_services_stand_in_one_order_with_who_did_them() -> None:
    streams = {
        "claims": [fact("ClaimQueued", "10:02:00")],
        "coding": [fact("CodesAssigned", "10:00:00", "ann", by="human")],
        "validation": [fact("CodesValidated", "10:01:00", "scrub", by="rule")],
    }

    found = [(each.service, each.fact, each.actor) for each in story(streams, [], None)]

    assert found == [
        ("coding", "CodesAssigned", "ann"),
        ("validation", "CodesValidated", "rule scrub"),
        ("claims", "ClaimQueued", "batches"),
    ]


def test_a_fact_has_the_file_and_the_codes_that_the_timeline_tells_of_it() -> None:
    streams = {"claims": [fact("ClaimQueued", "10:00:00"), fact("ClaimQueued", "11:00:00")]}
    timeline = [told("ClaimQueued", "10:00:00", file="f1"), told("ClaimQueued", "11:00:00", file="f2", codes=("A1",))]

    found = [(each.file, each.codes) for each in story(streams, timeline, None)]

    assert found == [("f1", ()), ("f2", ("A1",))]


def test_what_stands_in_no_stream_is_there_too_and_nothing_is_there_twice() -> None:
    streams = {"payments": [fact("ClaimDenied", "12:00:00", "payments/post_check")]}
    timeline = [told("TransactionSetAccepted", "11:00:00", file="f3"), told("ClaimDenied", "12:00:00")]

    found = [(each.fact, each.actor) for each in story(streams, timeline, None)]

    assert found == [("TransactionSetAccepted", ""), ("ClaimDenied", "post check")]


def test_as_of_an_instant_later_facts_are_not_there() -> None:
    streams = {"claims": [fact("ClaimQueued", "10:00:00"), fact("ClaimSubmitted", "11:00:00")]}
    instant = datetime.fromisoformat("2026-03-03T10:30:00+00:00")

    assert [each.fact for each in story(streams, [], instant)] == ["ClaimQueued"]
