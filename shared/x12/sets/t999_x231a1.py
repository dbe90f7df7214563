"""999, the answer to a functional group (005010X231A1): values, `write_999`, `read_999`, `miscounts`.

A 999 knows a group by GS06 and a set by ST02, never by ISA13. It says what cannot be processed, not what is paid.
Read too is X231 without A1. **Source**: 005010X231A1; RFI 1220 and 362.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from shared.x12.elements import count
from shared.x12.hierarchy import Place, Portion
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.tokens import Source
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    Repeated,
    SetKind,
    SetWriter,
    enclose_each,
    identifier,
    required,
    sanitize,
)

GUIDE: Final = "005010X231A1"
_KIND: Final = SetKind(set_id="999", functional_id="FA", guide=GUIDE)
_SYNTAX_CODES_MAX: Final = 5  # IK502 to IK506, AK905 to AK909
_COUNTS_OTHERWISE: Final = "5"  # AK905: GE01 is not how many sets came
_CLAIM_CONTEXT: Final = "CLM01"
_ACCEPTED: Final = frozenset({"A", "E"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an error has to do with (CTX).

    **Shape**: `names` as (name, value): ("CLM01", our number) names the claim, ("SITUATIONAL TRIGGER", "") says that
    the segment, loop and element of the rest are why something is missing; positions as in the errors.
    """

    names: tuple[tuple[str, str], ...] = field(repr=False)
    segment_id: str = ""
    segment_position: int | None = None
    loop: str = ""
    element_position: str = ""
    element_reference: str = ""
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementError:
    """What is wrong with an element (IK4, CTX).

    **Shape**: `position` of the element, with `:component` where it is inside one; `reference` the number in the data
    dictionary; `bad_value` the copy that some send, possibly a patient's, so it is not shown.
    """

    position: str
    code: str
    reference: str = ""
    bad_value: str = field(default="", repr=False)
    contexts: tuple[Context, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentError:
    """What is wrong with a segment (IK3, CTX, IK4). **Shape**: `position` counts from the ST, which is 1."""

    segment_id: str
    position: int
    code: str
    loop: str = ""
    contexts: tuple[Context, ...] = ()
    elements: tuple[ElementError, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def patient_control_number(self) -> str:
        """Return our number of the claim that it is about, nothing where no CTX names one."""
        named = (pair for context in self.contexts for pair in context.names)
        return next((value for name, value in named if name == _CLAIM_CONTEXT), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAcknowledgement:
    """What became of one ST (AK2 to IK5).

    **Shape**: `control_number` is its ST02; `code` A, E, or rejected as R, M, W, X; `syntax_codes` IK502 to IK506.
    """

    set_id: str
    control_number: str
    code: str
    guide: str = ""
    syntax_codes: tuple[str, ...] = ()
    errors: tuple[SegmentError, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAcknowledgement:
    """What became of one GS (AK1, AK9).

    **Shape**: `group_control_number` is its GS06; `code` A, E, P, or rejected as R, M, W, X; `sets` may be empty where
    everything was accepted, so act on `code` too.
    """

    functional_id: str
    group_control_number: str
    code: str
    sets_included: int
    sets_received: int
    sets_accepted: int
    guide: str = ""
    syntax_codes: tuple[str, ...] = ()
    sets: tuple[SetAcknowledgement, ...] = ()
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def about_claim(patient_control_number: str) -> Context:
    """Return the context that says which claim an error is about."""
    return Context(names=((_CLAIM_CONTEXT, patient_control_number),))


def miscounts(said: GroupAcknowledgement) -> tuple[str, ...]:
    """Return which of AK902 to AK904 are not what the sets come to, none where no set is named.

    Who acts on a 999 set by set holds one that contradicts itself, for a person. AK902 repeats GE01, so it may differ
    where AK905 says that just this was wrong.
    """
    if not said.sets:
        return ()
    named, accepted = len(said.sets), sum(each.code in _ACCEPTED for each in said.sets)
    included = said.sets_received if _COUNTS_OTHERWISE in said.syntax_codes else said.sets_included
    counted = (
        ("AK902", included, named),
        ("AK903", said.sets_received, named),
        ("AK904", said.sets_accepted, accepted),
    )
    return tuple(element for element, told, found in counted if told != found)


def read_999(source: Source) -> tuple[GroupAcknowledgement, ...]:
    """Return the acknowledgements of a file, one per ST.

    **Shape**: each answers a group, the sets of it that are named, and what is wrong with them; positions count from 1.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Source**: 005010X231A1, loops 2000 to 2110; RFI 1220 and 362.
    """
    return tuple(acknowledgement(transaction) for transaction in transaction_sets(source))


def acknowledgement(transaction: TransactionSet) -> GroupAcknowledgement:
    """Return what one ST says. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("999")
    place = Place(transaction)
    return place.read(partial(_group, place))


def write_999(
    acknowledgements: Sequence[GroupAcknowledgement], *, envelope: Envelope, first_control_number: int
) -> bytes:
    """Return one interchange; each acknowledged group is an ST, numbered on. **Errors**: `CannotBeWritten`."""
    return enclose_each(
        acknowledgements, _write_group, _KIND, envelope=envelope, first_control_number=first_control_number
    )


def _write_group(out: SetWriter, said: GroupAcknowledgement) -> None:
    out.add("AK1", said.functional_id, identifier(said.group_control_number, length_max=9), said.guide)
    for one in said.sets:
        _write_set(out, one)
    counts = (str(said.sets_included), str(said.sets_received), str(said.sets_accepted))
    out.add("AK9", required(said.code), *counts, *_syntax_codes(said.syntax_codes))


def _write_set(out: SetWriter, said: SetAcknowledgement) -> None:
    out.add("AK2", said.set_id, identifier(said.control_number, length_max=9), said.guide)
    for error in said.errors:
        out.add("IK3", required(error.segment_id), str(error.position), error.loop, error.code)
        _write_contexts(out, error.contexts)
        for element in error.elements:
            if not element.position:
                raise CannotBeWritten("an error in an element says in which")
            bad_value = sanitize(element.bad_value, length_max=99)
            out.add("IK4", _parts(element.position), element.reference, element.code, bad_value)
            _write_contexts(out, element.contexts)
    out.add("IK5", required(said.code), *_syntax_codes(said.syntax_codes))


def _write_contexts(out: SetWriter, contexts: Iterable[Context]) -> None:
    for context in contexts:
        if not context.names or not all(name for name, _ in context.names):
            raise CannotBeWritten("a context has a name")
        out.add(
            "CTX",
            Repeated(
                tuple(
                    (sanitize(name), identifier(value, length_max=35, required=False)) for name, value in context.names
                )
            ),
            context.segment_id,
            "" if context.segment_position is None else str(context.segment_position),
            context.loop,
            _parts(context.element_position),
            _parts(context.element_reference),
        )


def _parts(position: str) -> tuple[str, ...]:
    return tuple(position.split(":"))


def _syntax_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(codes) > _SYNTAX_CODES_MAX:
        raise CannotBeWritten("a set or a group has at most five syntax codes")
    return codes


def _group(place: Place) -> GroupAcknowledgement:
    transaction = place.transaction
    last = len(transaction.raw) - 1  # the SE
    end = next((at for at in range(last) if place.tag(at) == "AK9"), None)
    if end is None:
        raise transaction.unreadable(last, "an acknowledgement ends in AK9")
    head, sets = Portion(place, range(end)).split("AK2")
    if not head.has("AK1"):
        raise transaction.misplaced(end, "an AK9 closes an AK1")
    for _ in head.all("IK3", "IK4", "CTX", "IK5"):
        raise transaction.misplaced(place.at, "what is said of a set has an AK2 before it")
    ak1 = head.first("AK1")
    said = tuple(_set(place, each) for each in sets)
    ak9 = place.elements(end)
    return GroupAcknowledgement(
        functional_id=ak1[1],
        group_control_number=ak1[2],
        guide=ak1[3],
        code=ak9[1],
        sets_included=count(ak9[2]),
        sets_received=count(ak9[3]),
        sets_accepted=count(ak9[4]),
        syntax_codes=tuple(filter(None, ak9[5:10])),
        sets=said,
        control_number=transaction.control_number,
        raw=transaction.raw,
    )


def _set(place: Place, portion: Portion) -> SetAcknowledgement:
    if not portion.has("IK5"):
        raise place.transaction.misplaced(portion.end, "every AK2 has an IK5 before the next or the AK9")
    head, errors = portion.split("IK3")
    for _ in head.all("IK4", "CTX"):
        raise place.transaction.misplaced(place.at, "what is said of an element has an IK3 before it")
    ak2, ik5 = portion.first("AK2"), portion.first("IK5")
    return SetAcknowledgement(
        set_id=ak2[1],
        control_number=ak2[2],
        guide=ak2[3],
        code=ik5[1],
        syntax_codes=tuple(filter(None, ik5[2:7])),
        errors=tuple(map(_segment_error, errors)),
        raw=portion.raw,
    )


def _segment_error(portion: Portion) -> SegmentError:
    said, _ = portion.split("IK5")
    own, elements = said.split("IK4")
    ik3 = own.first("IK3")
    return SegmentError(
        segment_id=ik3[1],
        position=count(ik3[2]),
        loop=ik3[3],
        code=ik3[4],
        contexts=tuple(map(_context, own.each("CTX"))),
        elements=tuple(map(_element_error, elements)),
        raw=said.raw,
    )


def _element_error(portion: Portion) -> ElementError:
    ik4 = portion.first("IK4")
    return ElementError(
        position=_position(portion, ik4[1]),
        reference=ik4[2],
        code=ik4[3],
        bad_value=ik4[4],
        contexts=tuple(map(_context, portion.each("CTX"))),
        raw=portion.raw,
    )


def _context(portion: Portion) -> Context:
    ctx = portion.first("CTX")
    named = (portion.components(composite) for composite in portion.repeated(ctx[1]))
    return Context(
        names=tuple((name, value) for name, value, *_ in named),
        segment_id=ctx[2],
        segment_position=count(ctx[3]) if ctx[3] else None,
        loop=ctx[4],
        element_position=_position(portion, ctx[5]),
        element_reference=_position(portion, ctx[6]),
        raw=portion.raw,
    )


def _position(portion: Portion, composite: str) -> str:
    """Return a place inside a segment, in the same form whatever separates its parts in the file."""
    return ":".join(portion.components(composite)).rstrip(":")
