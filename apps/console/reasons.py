"""What a person gives as a reason, in the form in which facts keep it."""

import re


def slug(words: str) -> str:
    """Return a reason as facts have it: words in lower case with dashes, so that nobody is named by accident."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:64].rstrip("-")
