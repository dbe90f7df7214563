"""People and places as every transaction set writes them (NM1, N3, N4); what identifies a person is not shown."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (N3, N4).

    **Shape**: `postal_code` of five or nine digits without a dash, nine for providers; `country` and `subdivision` (ISO
    3166) only where it is not in the United States.
    """

    line: str = field(repr=False)
    city: str = field(repr=False)
    state: str
    postal_code: str = field(repr=False)
    line_2: str = field(default="", repr=False)
    country: str = ""
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """The name of a person (NM103 to NM107)."""

    last_name: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Whom an answer is about, as far as a writer has to name them; the values that are read do not keep it."""

    name: PersonName
    member_id: str = field(default="", repr=False)
