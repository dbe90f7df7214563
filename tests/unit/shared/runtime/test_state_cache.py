"""States that are remembered are doubted once somebody else wrote, and not before."""

from shared.runtime.state_cache import StateCache

STREAM = ("demo", "copy-1")


def test_what_is_not_here_has_no_version_and_is_not_the_latest() -> None:
    assert StateCache().find(STREAM, "initial") == (0, "initial", False)


def test_what_was_kept_is_the_latest_until_others_write_and_after_it_was_kept_again() -> None:
    cache = StateCache()

    cache.keep({STREAM: (1, "lent")}, 5)
    before = cache.find(STREAM, None)
    cache.doubt(6)
    doubted = cache.find(STREAM, None)
    cache.keep({STREAM: (2, "back")}, 6)

    assert before == (1, "lent", True)
    assert doubted == (1, "lent", False)
    assert cache.find(STREAM, None) == (2, "back", True)


def test_nothing_is_left_after_clearing() -> None:
    cache = StateCache()
    cache.keep({STREAM: (1, "lent")}, 5)

    cache.clear()

    assert cache.find(STREAM, None) == (0, None, False)
