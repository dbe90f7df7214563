"""What the routes of registration share: the router, and the words of bodies: names, addresses, numbers, pages."""

from datetime import UTC, datetime
from typing import Annotated, Final, Generic, TypeAlias, TypeVar

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.registration.domain.postal import STATES
from shared.kernel import person
from shared.runtime.days_and_instants import Day, Instant
from shared.runtime.route import ShortRoute

ROUTER: Final = APIRouter(prefix="/v1", route_class=ShortRoute)
WRITE: Final = "registration.write"
READ: Final = "registration.read"
ROWS_MAX: Final = 100  # coverages of one patient, and people that one search may show
FIRST_YEAR: Final = 1880
LAST_YEAR: Final = 2199
PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
WRITABLE: Final = r"^[ -)+-9;-=?-\]_a-{}]+$"
"""Printable ASCII without `* : > ^ ` | ~`: what claims name as it is, their files must be able to carry."""


def _state(text: str) -> str:
    if text.upper() not in STATES:
        raise ValueError("two letters of a state")
    return text.upper()


def _moment(sent: datetime) -> datetime:
    """Return an instant in UTC. At the ends of the calendar other time zones have no day, so they are no instants."""
    if not FIRST_YEAR <= sent.year <= LAST_YEAR:
        raise ValueError("an instant of our time")
    return sent.astimezone(UTC)


def _without_hyphen(text: str) -> str:
    return text.replace("-", "")


Text: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)
]
Number: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=PRINTABLE)
]
NumberOnClaims: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=WRITABLE)
]
ReferenceOnClaims: TypeAlias = Annotated[NumberOnClaims, StringConstraints(max_length=50)]
State: TypeAlias = Annotated[str, StringConstraints(max_length=2), AfterValidator(_state)]
Zip: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{5}(-?[0-9]{4})?$"), AfterValidator(_without_hyphen)
]
TaxId: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^([0-9]{9}|[0-9]{2}-[0-9]{7}|[0-9]{3}-[0-9]{2}-[0-9]{4})$"),
    AfterValidator(_without_hyphen),
]
Moment: TypeAlias = Annotated[Instant, AfterValidator(_moment)]
Item = TypeVar("Item")


class Body(BaseModel):
    """What goes in or out; it is also made from objects with the same attributes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Listed(Body, Generic[Item]):
    """One page. **Shape**: `next` is the cursor of the following page, none after the last."""

    items: tuple[Item, ...]
    next: str | None


class Name(Body):
    """What a person is called, as on the insurance card."""

    family: Text
    given: Text
    middle: Text | None = None

    def value(self) -> person.PersonName:
        """Return the name as facts carry it."""
        return person.PersonName(family=self.family, given=self.given, middle=self.middle)


class Address(Body):
    """A postal address in the United States."""

    line: Text
    line_2: Text | None = None
    city: Text
    state: State
    zip: Zip

    def value(self) -> person.Address:
        """Return the address as facts carry it."""
        return person.Address(line=self.line, line_2=self.line_2, city=self.city, state=self.state, zip=self.zip)


def address_value(address: Address | None) -> person.Address | None:
    """Return the address as facts carry it, None where there is none."""
    return address.value() if address else None


class Identifier(Body):
    """A number that somebody else gave."""

    system: Text
    value: Text

    def number(self) -> person.Identifier:
        """Return the number as facts carry it."""
        return person.Identifier(system=self.system, value=self.value)


class Subscriber(Body):
    """The insured, where it is not the patient."""

    name: Name
    birth_on: Day = Field(description="Birth date of the insured.", examples=["1970-05-15"])
    sex: person.Sex = Field(description="Sex as the payer knows it.")
    address: Address

    def value(self) -> person.Subscriber:
        """Return the insured as facts carry it."""
        return person.Subscriber(
            name=self.name.value(), birth_on=self.birth_on, sex=self.sex, address=self.address.value()
        )
