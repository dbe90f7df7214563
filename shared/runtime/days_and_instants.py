"""A day, an instant and a time zone as others write them, in the body of a request or in a setting.

Owns: days and instants are texts of ISO 8601, as the contract says; a number is refused, which pydantic would take for
seconds since 1970. Refuses: saying which days make sense.
"""

from datetime import date, datetime
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

from shared.kernel.dates import known_zone

Sent = TypeVar("Sent")


def _no_number(sent: Sent) -> Sent:
    if isinstance(sent, date | datetime) or (isinstance(sent, str) and "-" in sent) or sent is None:
        return sent
    raise ValueError("a text: 2026-03-03, or 2026-03-03T14:30:00Z")


Day: TypeAlias = Annotated[date, BeforeValidator(_no_number)]
Instant: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_no_number)]
Zone: TypeAlias = Annotated[str, StringConstraints(max_length=64), AfterValidator(known_zone)]
