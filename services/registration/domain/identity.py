"""When two spellings mean the same: the forms in which names, numbers and people are compared.

Owns: folding. Refuses: likeness; what is equal here is the same, and what is merely alike is for a person to judge.
Next: `patient.py` reserves these forms, `projections/patients.py` is searched by them.
"""

import unicodedata
from datetime import date
from typing import Final

from msgspec import Struct

from shared.kernel.person import Identifier, PersonName

_BETWEEN: Final = "\x1f"  # no text that comes in may hold it, so that two parts never read as two others


def folded(text: str) -> str:
    """Return a text as spellings are compared: no case, no accents, no white space."""
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return "".join(letters.casefold().split())


def joined(*parts: str) -> str:
    """Return several folded parts as one text, so that the border between them counts."""
    return _BETWEEN.join(map(folded, parts))


def person_key(name: PersonName, birth_on: date) -> str:
    """Return the form of a person: family and given name and the birth date; a middle name is left out too often."""
    return joined(name.family, name.given, birth_on.isoformat())


def insured_person_key(name: PersonName, birth_on: date, member_id: str) -> str:
    """Return the form of a person with the number on the insurance card: equal forms are one person."""
    return joined(name.family, name.given, birth_on.isoformat(), member_id)


def identifier_key(identifier: Identifier) -> str:
    """Return the form of a number that somebody else gave. **Shape**: as written, because systems tell case apart."""
    return _BETWEEN.join((identifier.system.strip(), identifier.value.strip()))


def same(sent: object, kept: object) -> bool:
    """Return whether two values mean the same: texts as folded, everything else as it is, field by field."""
    if isinstance(sent, str) and isinstance(kept, str):
        return folded(sent) == folded(kept)
    if isinstance(sent, Struct) and type(sent) is type(kept):
        return all(same(getattr(sent, name), getattr(kept, name)) for name in sent.__struct_fields__)
    return sent == kept
