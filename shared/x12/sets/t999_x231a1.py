"""999, the answer to a functional group (005010X231A1): values, `write_999`, `read_999`.

A 999 knows a group by GS06 and a set by ST02, never by ISA13. It says what cannot be processed, not what is paid.
Read too is X231 without A1. **Source**: 005010X231A1; RFI 1220 and 362.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared.kernel.errors import Malformed
from shared.x12.elements import count
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import MalformedX12
from shared.x12.tokens import Source
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetWriter,
    enclose,
    identifier,
    sanitize,
    set_control_number,
)

GUIDE: Final = "005010X231A1"
_PADDING: Final = 12
_SYNTAX_CODES_MAX: Final = 5  # IK502 to IK506, AK905 to AK909
_CLAIM_CONTEXT: Final = "CLM01"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementError:
    """What is wrong with an element (IK4).

    **Shape**: `position` of the element, with `:component` where it is inside one; `reference` the number in the data
    dictionary; `bad_value` the copy that some send, possibly a patient's, so it is not shown.
    """

    position: str
    code: str
    reference: str = ""
    bad_value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentError:
    """What is wrong with a segment (IK3, CTX, IK4).

    **Shape**: `position` counts from the ST, which is 1; `patient_control_number` from a CTX that names CLM01, empty
    where none does; `contexts` are the CTX as they stand.
    """

    segment_id: str
    position: int
    code: str
    loop: str = ""
    patient_control_number: str = ""
    elements: tuple[ElementError, ...] = ()
    contexts: tuple[str, ...] = field(default=(), compare=False, repr=False)


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


def read_999(source: Source) -> tuple[GroupAcknowledgement, ...]:
    """Return the acknowledgements of a file, one per ST. **Errors**: as `acknowledgement`, those of the envelope."""
    return tuple(acknowledgement(transaction) for transaction in transaction_sets(source))


def acknowledgement(transaction: TransactionSet) -> GroupAcknowledgement:
    """Return what one ST says. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("999")
    return _Reader(transaction).read()


def write_999(
    acknowledgements: Sequence[GroupAcknowledgement], *, envelope: Envelope, first_control_number: int
) -> bytes:
    """Return one interchange; each acknowledged group is an ST, numbered on. **Errors**: `CannotBeWritten`."""
    if not acknowledgements:
        raise CannotBeWritten("a file has at least one acknowledgement")
    sets = []
    for number, said in enumerate(acknowledgements, start=first_control_number):
        out = SetWriter(envelope.separators)
        out.add("AK1", said.functional_id, identifier(said.group_control_number, length_max=9), said.guide)
        for one in said.sets:
            _write_set(out, one)
        counts = (str(said.sets_included), str(said.sets_received), str(said.sets_accepted))
        out.add("AK9", said.code, *counts, *said.syntax_codes[:_SYNTAX_CODES_MAX])
        sets.append((("999", set_control_number(number), GUIDE), out))
    return enclose(sets, envelope=envelope, functional_id="FA", guide=GUIDE)


def _write_set(out: SetWriter, said: SetAcknowledgement) -> None:
    out.add("AK2", said.set_id, identifier(said.control_number, length_max=9), said.guide)
    for error in said.errors:
        out.add("IK3", error.segment_id, str(error.position), error.loop, error.code)
        if error.patient_control_number:
            out.add("CTX", (_CLAIM_CONTEXT, identifier(error.patient_control_number, length_max=35)))
        for element in error.elements:
            at = tuple(element.position.split(":"))
            out.add("IK4", at, element.reference, element.code, sanitize(element.bad_value, length_max=99))
    out.add("IK5", said.code, *said.syntax_codes[:_SYNTAX_CODES_MAX])


class _Reader:
    """What is open while the segments of a 999 are read. **Shape**: `_at` counts them from 0."""

    __slots__ = ("_at", "_errors", "_open", "_open_at", "_set", "_sets")

    def __init__(self, transaction: TransactionSet) -> None:
        self._set = transaction
        self._sets: list[SetAcknowledgement] = []
        self._errors: list[SegmentError] = []
        self._open: list[str] | None = None
        self._at = self._open_at = 0

    def read(self) -> GroupAcknowledgement:
        """Return the whole."""
        element = self._set.separators.element
        group: list[str] | None = None
        try:
            for at, raw in enumerate(self._set.raw):
                self._at = at
                e = (raw + element * _PADDING).split(element)
                match e[0]:
                    case "AK1":
                        group = e
                    case "AK9":
                        return self._finished(group, e)
                    case _:
                        self._read_within(e, raw)
        except MalformedX12:
            raise
        except Malformed as error:
            raise self._set.unreadable(self._at, str(error)) from None
        raise self._set.unreadable(self._at, "an acknowledgement ends in AK9")

    def _read_within(self, e: list[str], raw: str) -> None:
        match e[0]:
            case "AK2":
                self._open, self._open_at, self._errors = e, self._at, []
            case "IK3":
                self._errors.append(SegmentError(segment_id=e[1], position=count(e[2]), loop=e[3], code=e[4]))
            case "CTX" if self._errors:
                self._errors[-1] = self._with_context(self._errors[-1], e, raw)
            case "IK4" if self._errors:
                position = e[1].replace(self._set.separators.component, ":")
                found = ElementError(position=position, reference=e[2], code=e[3], bad_value=e[4])
                self._errors[-1] = replace(self._errors[-1], elements=(*self._errors[-1].elements, found))
            case "IK5":
                self._close_set(e)
            case _:
                pass  # ST, and what a later version may add: it stays in `raw`

    def _with_context(self, error: SegmentError, e: list[str], raw: str) -> SegmentError:
        name, _, value = e[1].partition(self._set.separators.component)
        claim = value if name == _CLAIM_CONTEXT else ""
        return replace(
            error,
            contexts=(*error.contexts, raw),
            patient_control_number=error.patient_control_number or claim,
        )

    def _close_set(self, e: list[str]) -> None:
        if self._open is None:
            raise self._set.misplaced(self._at, "an IK5 has an AK2 before it")
        self._sets.append(
            SetAcknowledgement(
                set_id=self._open[1],
                control_number=self._open[2],
                guide=self._open[3],
                code=e[1],
                syntax_codes=tuple(filter(None, e[2:7])),
                errors=tuple(self._errors),
                raw=self._set.raw[self._open_at : self._at + 1],
            )
        )
        self._open = None

    def _finished(self, ak1: list[str] | None, ak9: list[str]) -> GroupAcknowledgement:
        if ak1 is None or self._open is not None:
            raise self._set.misplaced(self._at, "an AK9 closes an AK1, and every AK2 before it has an IK5")
        return GroupAcknowledgement(
            functional_id=ak1[1],
            group_control_number=ak1[2],
            guide=ak1[3],
            code=ak9[1],
            sets_included=count(ak9[2]),
            sets_received=count(ak9[3]),
            sets_accepted=count(ak9[4]),
            syntax_codes=tuple(filter(None, ak9[5:10])),
            sets=tuple(self._sets),
            control_number=self._set.control_number,
            raw=self._set.raw,
        )
