"""What the routes of coding have in common: the router, the shapes of words and numbers, pages."""

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.coding.projections.encounters import ENCOUNTERS, EncounterRow
from shared.codesets.icd10cm import stored_form
from shared.kernel.errors import NotFound
from shared.runtime.call import OneCall
from shared.runtime.days_and_instants import Instant
from shared.runtime.route import ShortRoute

ROUTER: Final = APIRouter(prefix="/v1", route_class=ShortRoute)
WRITE: Final = "coding.write"
READ: Final = "coding.read"
FIRST_YEAR: Final = 1880  # nobody alive was seen before
LAST_YEAR: Final = 2199
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
_CODE: Final = r"^[0-9A-Za-z.\-]+$"


def _moment(sent: datetime) -> datetime:
    """Return an instant in UTC. At the ends of the calendar other time zones have no day, so they are no instants."""
    if not FIRST_YEAR <= sent.year <= LAST_YEAR:
        raise ValueError("an instant of our time")
    return sent.astimezone(UTC)


Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._\-]{1,64}$")]
Moment: TypeAlias = Annotated[Instant, AfterValidator(_moment)]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000, pattern=r"^[^\x00]*$")]
Text: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_PRINTABLE)
]
Code: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=_CODE), AfterValidator(str.upper)
]
DiagnosisCode: TypeAlias = Annotated[Code, AfterValidator(stored_form)]
Count: TypeAlias = Annotated[int, Field(ge=0, le=9_999, strict=True)]
Place: TypeAlias = Annotated[int, Field(ge=1, le=500, strict=True)]


class Body(BaseModel):
    """What goes in or out; it is also made from objects with the same attributes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class EncounterNotFound(NotFound):
    """No encounter with this id was documented."""

    slug = "encounter-not-found"


async def documented(encounter_id: str, call: OneCall) -> EncounterRow:
    """Return a visit. **Errors**: `EncounterNotFound`."""
    row = await call.row(ENCOUNTERS, encounter_id)
    if row is None:
        raise EncounterNotFound("no encounter was documented under this id")
    return row
