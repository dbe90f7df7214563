"""Tokens: nobody reads them but us, they merge without growing for ever, and nothing that was written gets lost."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.kernel.consistency_token import RANGES_MAX, BadConsistencyToken, PositionRange, merged, ranges_of, token_of
from shared.runtime.consistent_reads import TOKENS_CHARACTERS_MAX

ONE = PositionRange("claimlog.registration", "00000000-0000-0000-0000-000000000001", 1, 3, 10, 12)

RANGES = st.builds(
    lambda topic, incarnation, partition, first, count: PositionRange(
        topic, "s", incarnation, partition, first, first + count
    ),
    st.sampled_from(["a", "b"]),
    st.integers(1, 2),
    st.integers(0, 2),
    st.integers(1, 200),
    st.integers(0, 5),
)


def test_a_token_comes_back_as_it_was_given() -> None:
    ranges = (ONE, replace(ONE, partition=0))

    assert ranges_of(token_of(ranges)) == ranges
    assert (token_of(()), ranges_of("")) == ("", ())


def test_a_token_is_short_and_needs_no_quoting() -> None:
    token = token_of([ONE])

    assert len(token) < 120
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "token",
    [
        "!",
        "x",
        "é",
        "AAAA",
        token_of([ONE])[:-5],
        token_of([replace(ONE, first=-1)]),
        token_of([replace(ONE, last=2**63)]),
        "kgKQ",  # version 2
    ],
)
def test_what_is_no_token_of_ours_is_refused(token: str) -> None:
    with pytest.raises(BadConsistencyToken, match="as an answer gave it"):
        ranges_of(token)


def test_ranges_that_touch_become_one() -> None:
    both = merged(token_of([ONE]), token_of([replace(ONE, first=13, last=20)]))

    assert ranges_of(both) == (replace(ONE, last=20),)


def test_what_others_wrote_in_between_is_left_out() -> None:
    both = merged(token_of([ONE]), token_of([replace(ONE, first=14, last=20)]))

    assert ranges_of(both) == (ONE, replace(ONE, first=14, last=20))


def test_the_oldest_of_many_become_one_and_the_newest_stay_apart() -> None:
    many = [replace(ONE, first=100 * n, last=100 * n + 1) for n in range(RANGES_MAX + 5)]
    random.Random(7).shuffle(many)  # noqa: S311 (an order)
    kept = ranges_of(merged(*(token_of([each]) for each in many)))

    assert len(kept) == RANGES_MAX
    assert (kept[0].first, kept[0].last) == (0, 501)
    assert [each.first for each in kept[1:]] == [100 * n for n in range(6, RANGES_MAX + 5)]


def test_a_token_of_a_long_session_on_a_cluster_still_fits_into_a_header() -> None:
    every = [
        replace(
            ONE, topic=f"claimlog.{service}", partition=partition, first=9 * 10**9 + 100 * n, last=9 * 10**9 + 100 * n
        )
        for service in ("registration", "coding", "validation", "claims", "payments")
        for partition in range(24)
        for n in range(20)
    ]
    token = merged(token_of(every))

    assert len(token) <= TOKENS_CHARACTERS_MAX
    assert {(each.topic, each.partition, each.last) for each in ranges_of(token)} >= {
        (each.topic, each.partition, each.last) for each in every[19::20]
    }


def test_another_incarnation_stands_for_itself() -> None:
    assert len(ranges_of(merged(token_of([ONE]), token_of([replace(ONE, incarnation=2)])))) == 2


@given(st.lists(RANGES, max_size=60))
def test_merging_loses_nothing_and_its_order_does_not_matter(ranges: list[PositionRange]) -> None:
    one_by_one = ""
    for each in ranges:
        one_by_one = merged(one_by_one, token_of([each]))
    at_once = merged(token_of(ranges))

    for token in (one_by_one, at_once):
        kept = ranges_of(token)
        assert len(kept) <= 2 * 2 * 3 * RANGES_MAX
        for each in ranges:
            assert any(
                (k.topic, k.incarnation, k.partition) == (each.topic, each.incarnation, each.partition)
                and k.first <= each.first
                and each.last <= k.last
                for k in kept
            )
