"""An 835 as commands: each ST is a remittance, gated by its own sums, independent of the others in its file.

Owns: the id that follows from a check's natural key, and what stops it at the gate. Refuses: to mend or drop anything
that was read. Patients' names stay in the file. Next: `remittance.py` decides; `shared/x12/sets/t835_x221a1` reads.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from msgspec import json

from services.payments.domain.adjudication import NOTHING_POSTED, ClaimPayment
from services.payments.domain.inbound_file import KeepUnreadableFile
from services.payments.domain.remittance import Quarantine, ReceiveRemittance
from services.payments.domain.remittance_facts import ProviderAdjustment, QuarantineLevel, RemittanceSource
from shared.events.payments import AdjudicatedLine, Adjustment
from shared.kernel.identifiers import derived_id
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import MalformedX12, UnexpectedTransaction
from shared.x12.sets import t835_x221a1 as x12

CODE: Final = "835"
_FACTS_PER_CLAIM: Final = 4  # matched, posted, decided, patient's balance
_FACTS_TO_RECEIVE: Final = 4  # received, read, and the ends of quarantines
_FACTS_PER_CHECK: Final = 3  # receipt, posted, and one to spare
_LEVELS: Final[dict[str, QuarantineLevel]] = {"line": "line", "claim": "claim", "transaction": "transaction"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The circumstances of reading a file. **Shape**: `reading_id` is new with every try; limits are the store's."""

    reading_id: str
    source: RemittanceSource
    unit_events_max: int
    event_bytes_max: int
    now: datetime


def commands(content: bytes, reading: Reading) -> tuple[ReceiveRemittance, ...]:
    """Return one command for each ST of a file that is an 835; other sets are for somebody else.

    The whole file is read before the first command is handed over, so that a file counts as a whole or not at all.
    **Errors**: `MalformedX12` for what cannot be read or has no 835; `shared/x12/malformed.py` says where.
    """
    file_sha256 = sha256(content).hexdigest()
    _refuse_nul(content)
    sets = tuple(transaction for transaction in transaction_sets(content) if transaction.code == CODE)
    if not sets:
        raise UnexpectedTransaction("this file has no 835", offset=0, segment=1, segment_id="ISA")
    return tuple(
        _command(transaction, file_sha256, reading, reading_id=f"{reading.reading_id}/{number}")
        for number, transaction in enumerate(sets, start=1)
    )


class NulCharacter(MalformedX12):
    """A file has a NUL character, which no text of ours may have: it was damaged on its way."""

    slug = "x12-nul-character"


def _refuse_nul(content: bytes) -> None:
    offset = content.find(b"\x00")
    if offset < 0:
        return
    terminator = content[_ISA_BYTES - 1 : _ISA_BYTES]
    before = content[:offset]
    segment = before.count(terminator) + 1 if terminator and offset >= _ISA_BYTES else 1
    start = before.rfind(terminator) + 1 if segment > 1 else 0
    raise NulCharacter("a NUL character stands in this segment", offset=start, segment=segment)


_ISA_BYTES: Final = 106  # the only segment of fixed length; its last byte ends every segment


def not_stored(content: bytes, reading: Reading) -> KeepUnreadableFile:
    """Return the command that keeps a file of which a set could be read and not be taken in."""
    refused = MalformedX12("a set of this file was not taken in", offset=0, segment=1, segment_id="ISA")
    return replace(unreadable(content, refused, reading), slug=NOT_STORED)


NOT_STORED: Final = "remittance-not-stored"


def units(received: Iterable[ReceiveRemittance], *, unit_events_max: int) -> Iterator[tuple[ReceiveRemittance, ...]]:
    """Return the sets of a file in groups that one unit can take; none is torn, as none depends on another."""
    unit: list[ReceiveRemittance] = []
    facts = 0
    for command in received:
        adds = 1 if command.quarantine else len(command.payments) + _FACTS_TO_RECEIVE
        if unit and facts + adds > unit_events_max:
            yield tuple(unit)
            unit, facts = [], 0
        unit.append(command)
        facts += adds
    if unit:
        yield tuple(unit)


def unreadable(content: bytes, error: MalformedX12, reading: Reading) -> KeepUnreadableFile:
    """Return the command that keeps a file that cannot be read, and says where it went wrong."""
    return KeepUnreadableFile(
        file_sha256=sha256(content).hexdigest(),
        slug=error.slug,
        segment=error.segment,
        segment_id=error.segment_id,
        byte_offset=error.offset,
        size_bytes=len(content),
        source=reading.source,
        now=reading.now,
    )


def says_835(content: bytes) -> bool:
    """Return whether a file claims to hold an 835, also where the rest of it cannot be read."""
    return _HEADER.search(content) is not None


_HEADER: Final = re.compile(rb"(?:GS[^0-9A-Za-z]HP|ST[^0-9A-Za-z]835)[^0-9A-Za-z]")


def _command(transaction: TransactionSet, file_sha256: str, reading: Reading, *, reading_id: str) -> ReceiveRemittance:
    remittance = x12.remittance(transaction)
    payments = tuple(_payment(index, claim) for index, claim in enumerate(remittance.claims, start=1))
    quarantine = gate(remittance, unit_events_max=reading.unit_events_max)
    provider_adjustments = tuple(
        ProviderAdjustment(plb_code=each.reason, reference=each.reference or None, amount_cents=each.amount_cents)
        for each in remittance.provider_adjustments
    )
    if quarantine is None and _is_too_long((*payments, provider_adjustments), reading.event_bytes_max):
        quarantine = Quarantine(level="size", reason="over-event-limit")
    return ReceiveRemittance(
        remittance_id=remittance_id(x12.natural_key(remittance)),
        reading_id=reading_id,
        payer_identifier=remittance.payer.payer_id,
        trace_number=remittance.trace_number,
        originator=remittance.trace_originator,
        paid_cents=remittance.payment_cents,
        paid_on=remittance.payment_on,
        method=remittance.method,
        payments=payments,
        provider_adjustments=provider_adjustments,
        quarantine=quarantine,
        transaction_control_number=remittance.control_number,
        file_sha256=file_sha256,
        body_sha256=remittance.body_hash,
        source=reading.source,
        now=reading.now,
    )


def remittance_id(key: x12.NaturalKey) -> str:
    """Return the id of a check: whoever reads it, from whatever file, comes to the same one.

    Amount and day are left out: what says another amount under the same number is another explanation of that check.
    """
    return derived_id("remittance", key.payer_id, key.trace_number, key.trace_originator)


def gate(remittance: x12.Remittance, *, unit_events_max: int) -> Quarantine | None:
    """Return why a check may not be posted, None where it may: its sums, its sign, its size.

    **Source**: `shared/x12/sets/t835_x221a1/balance.py`; RFI 1604: a payment is never negative.
    """
    for imbalance in x12.balance(remittance):
        level = _LEVELS.get(imbalance.level, "transaction")
        return Quarantine(level=level, reason="unbalanced", difference_cents=imbalance.difference_cents)
    if remittance.payment_cents < 0 or remittance.credit_or_debit != "C":
        return Quarantine(level="transaction", reason="payment-is-a-debit")
    if any(claim.status in NOTHING_POSTED and claim.paid_cents for claim in remittance.claims):
        return Quarantine(level="claim", reason="paid-without-a-decision")
    facts = _FACTS_PER_CLAIM * len(remittance.claims) + len(remittance.provider_adjustments) * 2 + _FACTS_PER_CHECK
    return Quarantine(level="size", reason="over-unit-limit") if facts > unit_events_max else None


def _is_too_long(parts: Iterable[object], event_bytes_max: int) -> bool:
    """Return whether a claim, or all that was changed outside the claims, does not fit into one fact.

    Every one is measured: a line alone may have more adjustments than a fact holds.
    """
    return any(len(json.encode(part)) + _DECISION_BYTES > event_bytes_max for part in parts)


_DECISION_BYTES: Final = 4_096  # what a decision says besides the lines


def _payment(index: int, claim: x12.RemittanceClaim) -> ClaimPayment:
    return ClaimPayment(
        index=index,
        patient_control_number=claim.patient_control_number,
        claim_status_code=claim.status,
        payer_claim_number=claim.payer_control_number or None,
        charged_cents=claim.charge_cents,
        paid_cents=claim.paid_cents,
        lines=tuple(_line(line) for line in claim.lines),
        adjustments=_adjustments(claim.adjustments),
    )


def _line(line: x12.RemittanceLine) -> AdjudicatedLine:
    return AdjudicatedLine(
        line_control_number=line.line_control_number or None,
        procedure_code=line.procedure,
        charged_cents=line.charge_cents,
        paid_cents=line.paid_cents,
        adjustments=_adjustments(line.adjustments),
        remark_codes=line.remark_codes,
    )


def _adjustments(read: tuple[x12.Adjustment, ...]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(group=each.group, reason_code=each.reason, amount_cents=each.amount_cents) for each in read)
