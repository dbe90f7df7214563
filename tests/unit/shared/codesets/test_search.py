"""`shared/codesets/search.py`: codes by how they begin, else by words of their titles. All titles are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.search import FOUND_MAX, CodeIndex, words_of

TITLES = {
    "E11": "Sugar illness",
    "E119": "Sugar illness without trouble",
    "E1165": "Sugar illness with high sugar",
    "H810": "Méniére's illness of the ear",
    "S72": "Broken thigh",
    "Z99": None,
}
INDEX = CodeIndex(TITLES.items())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("e11.", ["E11", "E1165", "E119"]),
        (" E11.9 ", ["E119"]),
        ("z", ["Z99"]),
        ("sugar", ["E11", "E1165", "E119"]),
        ("ILL sug", ["E11", "E1165", "E119"]),
        ("trouble, with", ["E119"]),
        ("meniere", ["H810"]),
        ("ear MÉNIÉRE'S", ["H810"]),
        ("gar", []),
        ("sugar thigh", []),
        ("none of these", []),
        ("...", []),
        ("?", []),
        ("\U0010ffff", []),
    ],
)
def test_finds_codes_by_their_beginning_else_by_beginnings_of_words_best_first(text: str, codes: list[str]) -> None:
    assert list(INDEX.find(text)) == codes


def test_a_title_with_fewer_other_words_comes_first_and_then_the_code_decides() -> None:
    index = CodeIndex([("C", "one two three"), ("B", "two one"), ("A", "one two four")])

    assert list(index.find("two one")) == ["B", "A", "C"]


def test_what_very_many_have_is_cut() -> None:
    index = CodeIndex((f"A{number:04}", "the same") for number in range(FOUND_MAX + 5))

    assert len(list(index.find("same"))) == len(list(index.find("A"))) == FOUND_MAX


WORDS = st.lists(st.sampled_from(["ab", "abc", "b", "bcd", "c9", "é"]), max_size=4).map(" ".join)


@given(titles=st.lists(WORDS, max_size=12), text=WORDS)
def test_finds_exactly_the_titles_of_which_each_word_begins_one(titles: list[str], text: str) -> None:
    index = CodeIndex((f"Z{number:02}", title) for number, title in enumerate(titles))
    wanted = {
        f"Z{number:02}"
        for number, title in enumerate(titles)
        if all(any(word.startswith(each) for word in words_of(title)) for each in words_of(text))
    }

    assert set(index.find(text)) == (wanted if words_of(text) else set())
