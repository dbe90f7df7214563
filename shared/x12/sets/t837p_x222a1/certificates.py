"""What a professional claim certifies besides its codes: a ride, how a patient is, conditions, the answers of a form.

Owns: the values of CR1, CR2, CRC and loop 2440, how they are read and written. Refuses: codes that their segment does
not have. **Source**: 005010X222A1 2300, 2310E, 2310F, 2400, 2420G, 2420H and 2440. Next: `reading.py`, `writing.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from shared.x12.elements import day_or_none, quantity, quantity_or_none, written_quantity
from shared.x12.party import Address
from shared.x12.segments import write_address
from shared.x12.sets.t837.codes import CodeList
from shared.x12.sets.t837.walk import Draft, Walk
from shared.x12.sets.t837.writing import written_units
from shared.x12.writer import CannotBeWritten, SetWriter, identifier, required, sanitize, written_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where a ride began or ended (2310E, 2310F; on a line 2420G, 2420H). **Shape**: only an end has a `name`."""

    address: Address
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """What a claim or a line says of an ambulance ride (CR1, its stops, QTY*PT). **Units**: miles, pounds.

    **Shape**: `reason` A to the nearest place, B for a physician there, C nearer the family, D for a specialist, E back
    to rehabilitation, empty without miles; the purposes of a round trip and of a stretcher are texts; `patients` is how
    many rode, on a line only.
    """

    reason: str = ""
    miles: Decimal | None = None
    weight_pounds: Decimal | None = None
    round_trip_purpose: str = field(default="", repr=False)
    stretcher_purpose: str = field(default="", repr=False)
    pick_up: Stop | None = None
    drop_off: Stop | None = None
    patients: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinalTreatment:
    """How a patient is whose spine is treated (CR2).

    **Shape**: `condition` A acute, C chronic, D not acute, E no danger to life, F routine, G symptoms, M an acute
    phase of something chronic; at most two `descriptions`.
    """

    condition: str
    descriptions: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whether conditions hold (CRC).

    **Shape**: `category` 07 a ride, 09 equipment, 70 a hospice's employee, 75 homebound, E1 to E3 glasses, ZZ a
    referral after a child's screening; `codes` one to five.
    """

    category: str
    applies: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question of a form (FRM). **Shape**: one of `choice` (Y, N, W), text, day or percentage."""

    question: str
    choice: str = ""
    text: str = field(default="", repr=False)
    on: date | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that supports a line (2440). **Shape**: `qualifier` UT one of Medicare's for equipment, AS any other."""

    qualifier: str
    number: str
    answers: tuple[Answer, ...]


PICK_UP: Final = "PW"
_DROP_OFF: Final = "45"
_REASONS: Final = CodeList("the reason of a ride", frozenset("ABCDE"))
_SPINES: Final = CodeList("how a patient is whose spine is treated", frozenset("ACDEFGM"))
_CHOICES: Final = CodeList("the answer to a question of a form", frozenset("NWY"))
_FORMS: Final = CodeList("the kind of a form", frozenset({"AS", "UT"}))
CLAIM_CATEGORIES: Final = {
    "07": frozenset("01 04 05 06 07 08 09 12".split()),  # noqa: SIM905 (shorter, here and below)
    "75": frozenset({"IH"}),
    "E1": frozenset("L1 L2 L3 L4 L5".split()),  # noqa: SIM905
    "E2": frozenset("L1 L2 L3 L4 L5".split()),  # noqa: SIM905
    "E3": frozenset("L1 L2 L3 L4 L5".split()),  # noqa: SIM905
    "ZZ": frozenset("AV NU S2 ST".split()),  # noqa: SIM905
}
LINE_CATEGORIES: Final = {"07": CLAIM_CATEGORIES["07"], "70": frozenset({"65"}), "09": frozenset({"38", "ZV"})}
"""Which conditions each category knows, on a claim and on a line, in the order of the guide."""
_NO_RIDE: Final = [""] * 20
_CODES: Final = slice(3, 8)
_CODES_MAX: Final = 5
_REPEATS_MAX: Final = {"07": 3}
_GLASSES_MAX: Final = 3
_DESCRIPTIONS: Final = slice(10, 12)
_DESCRIPTIONS_MAX: Final = 2
_ANSWERS_MAX: Final = 99


def ride(walk: Walk, draft: Draft) -> Ride | None:
    """Return the ride of a claim or a line. **Errors**: `NotAnX12Value`."""
    pick_up, drop_off, patients = _stop(draft, PICK_UP), _stop(draft, _DROP_OFF), count_of(walk, draft, "PT")
    at, e = draft.kept.get("CR1", [(walk.at, _NO_RIDE)])[0]
    if e is _NO_RIDE and pick_up is None and drop_off is None and patients is None:
        return None
    walk.at = at
    return Ride(
        reason=e[4],
        miles=quantity_or_none(e[6]),
        weight_pounds=quantity_or_none(e[2]),
        round_trip_purpose=e[9],
        stretcher_purpose=e[10],
        pick_up=pick_up,
        drop_off=drop_off,
        patients=patients,
    )


def _stop(draft: Draft, role: str) -> Stop | None:
    party = draft.parties.get(role)
    return Stop(address=party.place(), name=party.elements[3]) if party else None


def count_of(walk: Walk, draft: Draft, qualifier: str) -> Decimal | None:
    """Return a number that a line counts (QTY). **Errors**: `NotAnX12Value`."""
    for at, e in draft.kept.get("QTY", ()):
        if e[1] == qualifier:
            walk.at = at
            return quantity(e[2])
    return None


def spinal_treatment(draft: Draft) -> SpinalTreatment | None:
    """Return how a patient is whose spine is treated, None where nothing is said."""
    for _, e in draft.kept.get("CR2", ()):
        return SpinalTreatment(condition=e[8], descriptions=tuple(filter(None, e[_DESCRIPTIONS])))
    return None


def certificates(draft: Draft) -> tuple[Certificate, ...]:
    """Return what a claim or a line certifies."""
    return tuple(
        Certificate(category=e[1], applies=e[2] == "Y", codes=tuple(filter(None, e[_CODES])))
        for _, e in draft.kept.get("CRC", ())
    )


def forms(walk: Walk, line: Draft) -> tuple[Form, ...]:
    """Return the forms of a line, each with the answers behind it. **Errors**: `NotAnX12Value`."""
    found: list[tuple[list[str], list[Answer]]] = []
    for at, e in line.kept.get("LQ", ()):
        walk.at = at
        if e[0] == "LQ":
            found.append((e, []))
        elif found:
            answer = Answer(question=e[1], choice=e[2], text=e[3], on=day_or_none(e[4]), percent=quantity_or_none(e[5]))
            found[-1][1].append(answer)
    return tuple(Form(qualifier=lq[1], number=lq[2], answers=tuple(answers)) for lq, answers in found)


def write_ride(out: SetWriter, found: Ride) -> None:
    """Append the CR1 of a ride, if it says why. **Errors**: `CannotBeWritten`."""
    weight, miles = found.weight_pounds, found.miles
    told = (found.reason, weight, found.round_trip_purpose, found.stretcher_purpose)
    if miles is None:
        if any(told):
            raise CannotBeWritten("a ride that has a reason has miles")
        return
    if not (miles.is_finite() and (weight is None or weight.is_finite())):
        raise CannotBeWritten("what is measured of a ride is a number")
    if not miles >= 0 or (weight is not None and not weight > 0):
        raise CannotBeWritten("the miles of a ride are not negative, and a patient weighs something")
    out.add(
        "CR1",
        "LB" if weight is not None else "",
        written_quantity(weight) if weight is not None else "",
        "",
        _REASONS.checked(found.reason),
        "DH",
        written_quantity(miles),
        "",
        "",
        required(found.round_trip_purpose, length_max=80) if found.round_trip_purpose else "",
        required(found.stretcher_purpose, length_max=80) if found.stretcher_purpose else "",
    )


def write_spinal_treatment(out: SetWriter, found: SpinalTreatment | None) -> None:
    """Append how a patient is whose spine is treated, if it is said. **Errors**: `CannotBeWritten`."""
    if found is None:
        return
    if len(found.descriptions) > _DESCRIPTIONS_MAX:
        raise CannotBeWritten("how a patient is has at most two descriptions")
    told = (required(text, length_max=80) for text in found.descriptions)
    out.add("CR2", *[""] * 7, _SPINES.checked(found.condition), "", *told)


def write_count(out: SetWriter, qualifier: str, number: Decimal | None) -> None:
    """Append a number that a line counts (QTY), if there is one. **Errors**: `CannotBeWritten`."""
    if number is not None:
        out.add("QTY", qualifier, written_units(number))


def write_stops(out: SetWriter, found: Ride) -> None:
    """Append where a ride began and ended. **Errors**: `CannotBeWritten`, also for one without the other."""
    pick_up, drop_off = found.pick_up, found.drop_off
    if (pick_up is None) != (drop_off is None) or (pick_up and pick_up.name):
        raise CannotBeWritten("a ride has a place where it began, without a name, and one where it ended")
    for role, place in ((PICK_UP, pick_up), (_DROP_OFF, drop_off)):
        if place:
            out.add("NM1", role, "2", sanitize(place.name))
            write_address(out, place.address, whole=True)


def write_certificates(out: SetWriter, found: Sequence[Certificate], categories: dict[str, frozenset[str]]) -> None:
    """Append what is certified. **Shape**: `categories` of a claim or a line. **Errors**: `CannotBeWritten`."""
    places = list(categories)
    told = [each.category for each in found]
    if not set(told) <= set(places) or told != sorted(told, key=places.index):
        raise CannotBeWritten("a certificate is of a category that stands here, in the order of the guide")
    glasses = [each for each in told if each.startswith("E")]
    often = any(told.count(each) > _REPEATS_MAX.get(each, 1) for each in told if not each.startswith("E"))
    if often or len(glasses) > _GLASSES_MAX:
        raise CannotBeWritten("a claim or a line certifies a ride and glasses three times, all else once")
    for each in found:
        if not 1 <= len(each.codes) <= _CODES_MAX or not categories[each.category].issuperset(each.codes):
            raise CannotBeWritten("a certificate has one to five conditions of its category")
        out.add("CRC", each.category, "Y" if each.applies else "N", *each.codes)


def write_forms(out: SetWriter, found: Sequence[Form]) -> None:
    """Append the forms of a line with their answers. **Errors**: `CannotBeWritten`."""
    for form in found:
        if not 1 <= len(form.answers) <= _ANSWERS_MAX:
            raise CannotBeWritten("a form has 1 to 99 answers")
        out.add("LQ", _FORMS.checked(form.qualifier), identifier(form.number, length_max=30))
        for answer in form.answers:
            _write_answer(out, answer)


def _write_answer(out: SetWriter, answer: Answer) -> None:
    percent = answer.percent
    told = (
        _CHOICES.checked_if_any(answer.choice),
        required(answer.text, length_max=50) if answer.text else "",
        written_day(answer.on),
        written_quantity(percent) if percent is not None else "",
    )
    if not any(told):
        raise CannotBeWritten("a question of a form has an answer")
    out.add("FRM", identifier(answer.question, length_max=20), *told)
