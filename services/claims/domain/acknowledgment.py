"""What the front end answers: bytes of a mailbox file -> what TA1, 999 and 277CA in it come to.

Owns: which codes accept and which reject (x12.md, section 8). Refuses: an 835 (payments reads it), a 277 that answers a
status inquiry, and to guess: a category that neither accepts nor rejects is `unclear`, for a person.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from services.claims.domain.inbound import Answers, ClaimAnswer, FileKind, InterchangeAnswer, SetAnswer
from shared.kernel.errors import Malformed
from shared.x12.interchange import transaction_sets
from shared.x12.malformed import segment_name
from shared.x12.sets import t277ca_x214, t999_x231a1
from shared.x12.sets.t277ca_x214 import ClaimAcknowledgement, ClaimStatus, StatusInformation
from shared.x12.sets.t999_x231a1 import GroupAcknowledgement, SegmentError, SetAcknowledgement
from shared.x12.sets.ta1 import InterchangeAcknowledgement, read_ta1

_ACCEPTED: Final = frozenset("AE")  # TA104, AK901, IK501
_REJECTED: Final = frozenset("RMWX")
_SET_BY_SET: Final = frozenset("PE")
_IN_PART: Final = "P"  # AK901 alone
_CLAIM_STATUS_277: Final = "005010X214"
_SET_ERRORS_MAX: Final = 20
_CODE: Final = re.compile(r"[A-Z]?\d{1,3}", re.ASCII)  # 7, I9; the value at fault stands beside it
_LOOP: Final = re.compile(r"\d{3,4}[A-Z]{0,2}", re.ASCII)  # 2010BA
_POSITION: Final = re.compile(r"\d{1,4}(?::\d{1,4}){0,2}", re.ASCII)  # of an element, a component, a repetition
Kind: TypeAlias = Literal["acknowledged", "accepted", "rejected", "unclear"]
_KINDS: Final[dict[str, Kind]] = {
    "A0": "acknowledged",
    "A1": "acknowledged",
    "A2": "accepted",
    "A3": "rejected",
    "A6": "rejected",
    "A7": "rejected",
    "A8": "rejected",
}
_WORST_FIRST: Final[tuple[Kind, ...]] = ("rejected", "unclear", "accepted", "acknowledged")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file is. **Shape**: `answers` where it acknowledges; `error_slug` where it cannot be read."""

    kind: FileKind
    answers: Answers | None = None
    error_slug: str | None = None


class NothingAcknowledged(Malformed):
    """A 277CA speaks of a whole batch and of no claim in it: what it means for the claims, a person must say."""

    slug = "nothing-acknowledged"


class UnclearAcknowledgment(Malformed):
    """A TA1 or 999 neither accepts nor rejects, or contradicts itself: what holds, a person must say."""

    slug = "acknowledgment-unclear"


def read(content: bytes) -> Reading:
    """Return what a file of the mailbox says to us. A file that cannot be read to its end says nothing.

    No fact can hold a NUL character: answers with one are for a person.
    """
    try:
        interchanges = tuple(map(_interchange, read_ta1(content)))
        sets: list[SetAnswer] = []
        claims: list[ClaimAnswer] = []
        for transaction in transaction_sets(content):
            if transaction.code == "999":
                sets.extend(_sets(t999_x231a1.acknowledgement(transaction)))
            elif transaction.code == "277" and transaction.guide.startswith(_CLAIM_STATUS_277):
                claims.extend(_claims(t277ca_x214.acknowledgement(transaction)))
    except Malformed as error:
        return Reading("unreadable", error_slug=error.slug)
    if (interchanges or sets or claims) and b"\x00" in content:
        return Reading("unreadable", error_slug="nul-character")
    if interchanges or sets or claims:
        return Reading("acknowledgment", Answers(interchanges, tuple(sets), tuple(claims)))
    return Reading("not-ours")


def _interchange(said: InterchangeAcknowledgement) -> InterchangeAnswer:
    return InterchangeAnswer(
        interchange_control_number=said.control_number,
        accepted=_is_accepted(said.code),
        codes=(f"TA1:{said.code}", f"TA1:{said.note}"),
    )


def _sets(said: GroupAcknowledgement) -> tuple[SetAnswer, ...]:
    """Return an answer per set; where none is named, that of the group holds for all of them.

    **Errors**: `UnclearAcknowledgment`.
    """
    if not _agrees_with_itself(said):
        raise UnclearAcknowledgment("an acknowledgment of a group agrees with itself")
    group = tuple(f"AK9:{code}" for code in (said.code, *said.syntax_codes))
    if said.sets:
        return tuple(_set(said.group_control_number, each) for each in said.sets)
    return (
        SetAnswer(
            group_control_number=said.group_control_number,
            transaction_control_number=None,
            accepted=_is_accepted(said.code),
            codes=group,
        ),
    )


def _agrees_with_itself(said: GroupAcknowledgement) -> bool:
    """Return whether AK901 is what AK902 to AK904 come to, and these what is said of each set.

    **Source**: x12.md section 8: P and E are acted on set by set, so nothing follows from a P without sets; a group is
    not accepted as a whole while some of its sets did not arrive.
    """
    if t999_x231a1.miscounts(said):
        return False
    if said.sets and said.code in _SET_BY_SET:
        return said.sets_included == said.sets_received
    if said.code == _IN_PART:
        return False
    if _is_accepted(said.code):
        return said.sets_included == said.sets_received == said.sets_accepted > 0
    return said.sets_accepted == 0


def _is_accepted(code: str) -> bool:
    """Return whether a code accepts. **Errors**: `UnclearAcknowledgment` for one that does not reject either."""
    if code in _ACCEPTED:
        return True
    if code in _REJECTED:
        return False
    raise UnclearAcknowledgment("an acknowledgment accepts or rejects")


def _set(group_control_number: str, said: SetAcknowledgement) -> SetAnswer:
    errors = [code for error in said.errors[:_SET_ERRORS_MAX] for code in _error_codes(error)]
    return SetAnswer(
        group_control_number=group_control_number,
        transaction_control_number=said.control_number,
        accepted=_is_accepted(said.code),
        codes=(*(f"IK5:{code}" for code in (said.code, *said.syntax_codes)), *errors),
    )


def _error_codes(error: SegmentError) -> tuple[str, ...]:
    """Return where and what, never the bad value, nor what else a partner writes instead of a place: a patient's name.

    A code, a loop, a segment or a position that has not the form of one is left out, and the rest stays.
    """
    place = f"{_in_form(_LOOP, error.loop)}/{segment_name(error.segment_id)}"
    return (
        f"IK3:{_in_form(_CODE, error.code)}:{place}",
        *(
            f"IK4:{_in_form(_CODE, element.code)}:{place}{_in_form(_POSITION, element.position)}"
            for element in error.elements
        ),
    )


def _in_form(form: re.Pattern[str], text: str) -> str:
    return text if form.fullmatch(text) else ""


def _claims(said: ClaimAcknowledgement) -> tuple[ClaimAnswer, ...]:
    if not said.claims:
        raise NothingAcknowledged("a claim acknowledgment names claims")
    return tuple(_claim(said, claim) for claim in said.claims)


def _claim(said: ClaimAcknowledgement, claim: ClaimStatus) -> ClaimAnswer:
    kinds = {_kind(information) for information in claim.information}
    lines = tuple(information for line in claim.lines for information in line.information)
    return ClaimAnswer(
        patient_control_number=claim.patient_control_number,
        kind=next((kind for kind in _WORST_FIRST if kind in kinds), "unclear"),
        level=said.level,
        status_codes=tuple(code for information in (*claim.information, *lines) for code in _codes(information)),
        payer_claim_number=claim.payer_control_number or None,
    )


def _kind(information: StatusInformation) -> Kind:
    kinds = {_KINDS.get(status.category, "unclear") for status in information.statuses}
    return next((kind for kind in _WORST_FIRST if kind in kinds), "unclear")


def _codes(information: StatusInformation) -> tuple[str, ...]:
    return tuple(
        ":".join(filter(None, (status.category, status.status, status.entity))) for status in information.statuses
    )
