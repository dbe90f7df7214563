"""Names, addresses and numbers of people as events carry them: those of patients always inside a sealed block.

`Address` also stands on providers and payers, whose published addresses are nobody's secret.
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Sex: TypeAlias = Literal["female", "male", "unknown"]


class PersonName(Struct, frozen=True, kw_only=True):
    """What a person is called, as on the insurance card."""

    family: Annotated[str, Meta(description="Family name.", examples=["Sample"])]
    given: Annotated[str, Meta(description="First given name.", examples=["Ada"])]
    middle: Annotated[str | None, Meta(description="Middle name or initial.", examples=["Q"])] = None


class Address(Struct, frozen=True, kw_only=True):
    """A postal address in the United States."""

    line: Annotated[str, Meta(description="Street and number.", examples=["1 Elm St"])]
    line_2: Annotated[str | None, Meta(description="Second line.", examples=["Apt 2"])] = None
    city: Annotated[str, Meta(description="City.", examples=["Tampa"])]
    state: Annotated[str, Meta(description="Two-letter state.", examples=["FL"])]
    zip: Annotated[str, Meta(description="ZIP code, 5 or 9 digits without a hyphen.", examples=["336020001"])]


class Identifier(Struct, frozen=True, kw_only=True):
    """A number that somebody else gave a person or a record; one record holds it."""

    system: Annotated[str, Meta(description="Who numbers.", examples=["urn:example:ehr"])]
    value: Annotated[str, Meta(description="The number.", examples=["E-1001"])]


class Subscriber(Struct, frozen=True, kw_only=True):
    """The insured person of a coverage, where it is not the patient."""

    name: Annotated[PersonName, Meta(description="Name of the insured.")]
    birth_on: Annotated[date, Meta(description="Birth date of the insured.", examples=["1970-05-15"])]
    sex: Annotated[Sex, Meta(description="Sex as the payer knows it.", examples=["female"])]
    address: Annotated[Address, Meta(description="Address of the insured.")]
