"""What in a note speaks for what: words that documented conditions, or the title of one code, share with it.

Owns: that a mark means the same word stands there, and no more; nothing is concluded from it. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

_WORD: Final = re.compile(r"\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}]\w+)?")
_SHORT: Final = 3


def marked(note: str, documented: Iterable[str], title: str = "") -> Markup:
    """Return a note as HTML: words of what was documented marked, those of a title marked in another way."""
    of_title = telling(title)
    of_documented = {word for text in documented for word in telling(text)}
    html, end, kind = list[str](), 0, ""
    for found in _WORD.finditer(note):
        folded = _folded(found[0])
        new = "focused" if folded in of_title else "documented" if folded in of_documented else ""
        between = note[end : found.start()]
        if new == kind and kind and between.isspace():
            html += [str(escape(between)), str(escape(found[0]))]  # one mark for words that stand together
        else:
            html += ["</mark>" if kind else "", str(escape(between)), f'<mark class="{new}">' if new else ""]
            html.append(str(escape(found[0])))
        end, kind = found.end(), new
    html += ["</mark>" if kind else "", str(escape(note[end:]))]
    return Markup("".join(html))  # noqa: S704 (every piece of the note is escaped above)


def telling(text: str) -> frozenset[str]:
    """Return the words of a text that tell it from others, as they are compared."""
    words = {_folded(found[0]) for found in _WORD.finditer(text)}
    return frozenset(word for word in words if len(word) >= _SHORT and word not in _SAYS_NOTHING)


def _folded(word: str) -> str:
    """Return a word without case, accents and the s of a plural."""
    apart = unicodedata.normalize("NFKD", word)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
    return plain[:-1] if len(plain) > _SHORT and plain.endswith("s") and not plain.endswith("ss") else plain


_SAYS_NOTHING: Final = frozenset(
    _folded(found[0])
    for found in _WORD.finditer(
        "about and are classified condition disease disorder due elsewhere encounter for from has having initial into "
        "not one other otherwise over part per since site specified than that the this those type under unspecified "
        "was were with without"
    )
)
"""Words that stand in titles of every kind, so that sharing them speaks for nothing."""
