"""Which lines a payer wants to be asked about, and which consent each of them draws on.

Owns: which authorization stands for which line of which coverage, and that units are drawn once. Refuses: opinions;
those are `rules/`. Units that other visits drew on are not counted: that takes claims.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from services.validation.domain.facts import Authorization, Coverage, Facts
from shared.events.coding import CodedLine

Standing: TypeAlias = Literal[
    "covered", "units-exceeded", "not-covered", "pended", "requested", "required", "denied", "ended"
]
ENDED_DAYS: Final = 90
"""Days after the end of a consent on which the same service still raises the question whether it needs another one."""
_WANTED: Final[Mapping[str, Standing]] = {
    "approved": "not-covered",
    "pended": "pended",
    "requested": "requested",
    "required": "required",
    "denied": "denied",
}
"""What an authorization that does not cover a line says of it; what says most comes first."""


class Authorized(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a payer's consent to a line. **Shape**: `place` of the coverage in the filing order, from 1."""

    place: int
    line_no: int
    authorization_id: str
    standing: Standing


def authorized_of(facts: Facts) -> tuple[Authorized, ...]:
    """Return what is known of the lines of an encounter, coverage by coverage; nothing where nobody said anything."""
    if not facts.authorizations:
        return ()
    lines, known = facts.codes.lines, facts.authorizations
    return tuple(
        each
        for place, coverage in enumerate(facts.coverages, 1)
        for each in _of_coverage(place, lines, _under(coverage, known))
    )


def _under(coverage: Coverage, known: Iterable[Authorization]) -> tuple[Authorization, ...]:
    under = (each for each in known if each.coverage_id == coverage.coverage_id and each.status != "cancelled")
    order = tuple(_WANTED)
    return tuple(sorted(under, key=lambda each: (order.index(each.status), each.ends_on, each.authorization_id)))


def _of_coverage(place: int, lines: Iterable[CodedLine], known: tuple[Authorization, ...]) -> Iterator[Authorized]:
    left = {each.authorization_id: each.consent.units_approved for each in known if each.consent}
    for line in lines:
        found = _standing(line, known, left)
        if found is None:
            continue
        authorization, standing = found
        units = left.get(authorization.authorization_id)
        if standing == "covered" and units is not None:
            left[authorization.authorization_id] = units - line.units
        yield Authorized(
            place=place,
            line_no=line.line_no,
            authorization_id=authorization.authorization_id,
            standing=standing,
        )


def _standing(
    line: CodedLine, known: tuple[Authorization, ...], left: Mapping[str, int | None]
) -> tuple[Authorization, Standing] | None:
    """Return the authorization that says most of a line: the consent that ends first and has the units, if any."""
    covering = [each for each in known if _covers(each, line)]
    for each in covering:
        units = left[each.authorization_id]
        if units is None or line.units <= units:
            return each, "covered"
    if covering:
        return covering[0], "units-exceeded"
    for each in known:
        if _wants(each, line):
            return each, _WANTED[each.status]
    ended = [each for each in known if _ended(each, line)]
    return (ended[-1], "ended") if ended else None


def _covers(authorization: Authorization, line: CodedLine) -> bool:
    consent = authorization.consent
    return (
        consent is not None
        and line.procedure_code in consent.procedure_codes
        and consent.valid_from_on <= line.service_from_on
        and line.service_to_on <= consent.valid_to_on
    )


def _wants(authorization: Authorization, line: CodedLine) -> bool:
    asked = line.procedure_code in authorization.procedure_codes
    return asked and authorization.service_from_on <= line.service_from_on <= authorization.service_to_on


def _ended(authorization: Authorization, line: CodedLine) -> bool:
    consent = authorization.consent
    if consent is None or line.procedure_code not in consent.procedure_codes:
        return False
    last_on = consent.valid_to_on
    return last_on < line.service_to_on and line.service_from_on <= last_on + timedelta(days=ENDED_DAYS)
