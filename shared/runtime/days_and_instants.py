"""A day and an instant as the body of a request has them: texts of ISO 8601, as the contract says.

Owns: refusing numbers, which pydantic would take for seconds since 1970. Refuses: saying which days make sense.
"""

from datetime import date, datetime
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AwareDatetime, BeforeValidator

Sent = TypeVar("Sent")


def _no_number(sent: Sent) -> Sent:
    if isinstance(sent, date | datetime) or (isinstance(sent, str) and "-" in sent) or sent is None:
        return sent
    raise ValueError("a text: 2026-03-03, or 2026-03-03T14:30:00Z")


Day: TypeAlias = Annotated[date, BeforeValidator(_no_number)]
Instant: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_no_number)]
