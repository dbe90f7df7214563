"""People and places as every transaction set writes them (NM1, N3, N4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (N3, N4). **Shape**: `postal_code` of five or nine digits without a dash, nine for providers."""

    line: str
    city: str
    state: str
    postal_code: str
    line_2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """The name of a person (NM103 to NM107)."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Whom an answer is about, as far as a writer has to name them; the values that are read do not keep it."""

    name: PersonName
    member_id: str = ""
