"""`claimlog findings` and `claimlog rules` as a person calls them, on what the sample practice left to be mended."""

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.conftest import Served
from tests.support.programs import Finished, claimlog


def called(served: Served, *words: str) -> Finished:
    return claimlog(*words, data=served.data, CLAIMLOG_PORT=served.port)


def asked(served: Served, *words: str, code: int = 0) -> Mapping[str, Any]:
    finished = called(served, *words, "--json")

    assert finished.code == code, (words, finished.out, finished.err)
    return json.loads(finished.out)  # type: ignore[no-any-return]


def test_lists_and_counts_what_is_to_be_mended(served: Served) -> None:
    every = asked(served, "findings", "list", "--rows", "10000")
    errors = asked(served, "findings", "list", "--severity", "error", "--rows", "10000")["findings"]
    first, code = errors[0], 3 if len(errors) > 1 else 0
    one = asked(served, "findings", "list", "--severity", "error", "--rows", "1", code=code)
    counts = asked(served, "findings", "counts", "--by", "severity")["counts"]
    of_rule = asked(served, "findings", "list", "--rule", first["rule_id"], "--encounter", first["encounter_id"])
    none = asked(served, "findings", "counts", "--older-than", "36000")

    assert not every["more"]
    assert counts["error"] == len(errors) > 0
    assert sum(counts.values()) == len(every["findings"])
    assert (one["findings"], one["more"]) == ([first], len(errors) > 1)
    assert of_rule["findings"] == [first]
    assert none == {"by": "rule_id", "counts": {}}


def test_says_which_rules_judge_and_what_came_of_each(served: Served) -> None:
    rules = asked(served, "rules", "list")["rules"]
    of_coders = asked(served, "rules", "list", "--owner", "coder")["rules"]
    rule = asked(served, "rules", "show", rules[0]["rule_id"])
    found = asked(served, "rules", "statistics")["statistics"]
    one = asked(served, "rules", "statistics", found[0]["rule_id"])["statistics"]

    assert {each["owner"] for each in of_coders} == {"coder"}
    assert 0 < len(of_coders) < len(rules)
    assert rule == rules[0]
    assert all(each["raised"] > 0 for each in found)
    assert one == [found[0]]


def test_is_readable_for_people_and_refuses_what_is_not_there(served: Served) -> None:
    listed, counted = called(served, "findings", "list"), called(served, "findings", "counts")
    shown, counts = called(served, "rules", "show", "npi_check_digit"), called(served, "rules", "statistics")
    missing, mistaken = called(served, "rules", "show", "nobody"), called(served, "findings", "list", "--owner", "me")
    of_no_rule = [called(served, "findings", verb, "--rule", "nobody") for verb in ("list", "counts")]

    assert (listed.code in {0, 3}, counted.code, shown.code, counts.code) == (True, 0, 0, 0)
    assert asked(served, "findings", "list", "--rows", "1", code=3)["findings"][0]["encounter_id"] in listed.out
    assert "findings" in counted.out
    assert all(word in shown.out for word in ("npi_check_digit, version", "citation:", "mended by: "))
    assert "raised" in counts.out
    assert (missing.code, "rule-not-found" in missing.err) == (1, True)
    assert mistaken.code == 2
    assert [(each.code, "rule-not-found" in each.err) for each in of_no_rule] == [(1, True)] * 2
