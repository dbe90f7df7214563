"""What a mark in a note says: that the same word stands there, and no more."""

import pytest

from apps.console.evidence import marked, telling


def documented(words: str) -> str:
    return f'<mark class="documented">{words}</mark>'


def focused(words: str) -> str:
    return f'<mark class="focused">{words}</mark>'


def test_words_of_what_was_documented_are_marked_and_those_that_stand_together_once() -> None:
    note = "Seen for a sore throat since Tuesday."

    assert marked(note, ["Sore Throat"]) == f"Seen for a {documented('sore throat')} since Tuesday."


def test_the_title_at_hand_is_marked_in_another_way_and_goes_before() -> None:
    note = "Neck pain, no fever"

    assert marked(note, ["neck pain"], "Neck stiffness") == f"{focused('Neck')} {documented('pain')}, no fever"


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("Headaches daily", "headache"),
        ("M\N{LATIN SMALL LETTER E WITH ACUTE}ni\N{LATIN SMALL LETTER E WITH GRAVE}re", "Meniere"),
    ],
)
def test_case_accents_and_plurals_do_not_matter(note: str, text: str) -> None:
    assert "<mark" in marked(note, [text])


@pytest.mark.parametrize("text", ["", "of the", "other unspecified disorders", "not elsewhere classified", "this"])
def test_words_that_stand_everywhere_tell_nothing(text: str) -> None:
    assert telling(text) == frozenset()


def test_words_that_only_begin_alike_are_not_the_same() -> None:
    assert marked("hypertensive", ["hypertension"]) == "hypertensive"


def test_a_note_is_text_whatever_it_holds() -> None:
    note = '<script>alert("cough")</script> & cough'

    assert marked(note, ["cough"]) == (
        f"&lt;script&gt;alert(&#34;{documented('cough')}&#34;)&lt;/script&gt; &amp; {documented('cough')}"
    )


def test_nothing_is_lost() -> None:
    note = "  two\n\nlines \u2013 and a tail  "

    assert marked(note, [], "") == note
