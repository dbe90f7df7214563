"""An 835 as commands: each ST is a remittance, gated by its own sums, independent of the others in its file.

Owns: the id that follows from a check's natural key. Refuses: to mend or drop anything that was read of a check that
may be posted. Patients' names stay in the file. A file is never in memory as values: its checks come one by one, and
the claims of one that is too large to be posted are counted, not kept. Next: `gate.py` says what stops a check,
`remittance.py` decides; `shared/x12/sets/t835_x221a1` reads.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.gate import Gate
from services.payments.domain.inbound_file import KeepUnreadableFile
from services.payments.domain.remittance import ReceiveRemittance
from services.payments.domain.remittance_facts import ProviderAdjustment, RemittanceSource
from shared.events.payments import AdjudicatedLine, Adjustment
from shared.kernel.identifiers import derived_id
from shared.x12.interchange import OpenSet, open_sets
from shared.x12.malformed import MalformedX12, UnexpectedTransaction
from shared.x12.sets import t835_x221a1 as x12

CODE: Final = "835"
_FACTS_TO_RECEIVE: Final = 4  # received, read, and the ends of quarantines


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The circumstances of reading a file. **Shape**: `reading_id` is new with every try; limits are the store's."""

    reading_id: str
    source: RemittanceSource
    unit_events_max: int
    event_bytes_max: int
    now: datetime


def commands(content: bytes, reading: Reading) -> Iterator[ReceiveRemittance]:
    """Return one command for each ST of a file that is an 835, one by one; other sets are for somebody else.

    The whole file is read before the first command is handed over, so that a file counts as a whole or not at all, and
    then once more: so only one check is in memory, whatever the file has.
    **Errors**: `MalformedX12`, at once, for what cannot be read or has no 835; `shared/x12/malformed.py` says where.
    """
    _refuse_nul(content)
    found = 0
    for opened in _sets(content):
        x12.RemittanceReading(opened).remittance()
        found += 1
    if not found:
        raise UnexpectedTransaction("this file has no 835", offset=0, segment=1, segment_id="ISA")
    return _commands(content, reading)


def _sets(content: bytes) -> Iterator[OpenSet]:
    return (opened for opened in open_sets(content) if opened.code == CODE)


def _commands(content: bytes, reading: Reading) -> Iterator[ReceiveRemittance]:
    file_sha256 = sha256(content).hexdigest()
    for number, opened in enumerate(_sets(content), start=1):
        yield _command(opened, file_sha256, reading, reading_id=f"{reading.reading_id}/{number}")


def reading_of(command: ReceiveRemittance) -> str:
    """Return the `reading_id` of the reading that a command comes from."""
    return command.reading_id.rpartition("/")[0]


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


def _command(opened: OpenSet, file_sha256: str, reading: Reading, *, reading_id: str) -> ReceiveRemittance:
    gate = Gate(unit_events_max=reading.unit_events_max, event_bytes_max=reading.event_bytes_max)
    remittance_reading = x12.RemittanceReading(opened)
    payments = _payments(remittance_reading.claims(), gate)
    remittance = remittance_reading.remittance()
    provider_adjustments = tuple(
        ProviderAdjustment(plb_code=each.reason, reference=each.reference or None, amount_cents=each.amount_cents)
        for each in remittance.provider_adjustments
    )
    gate.measure(provider_adjustments)
    return ReceiveRemittance(
        remittance_id=remittance_id(x12.natural_key(remittance)),
        reading_id=reading_id,
        payer_identifier=remittance.payer.payer_id,
        trace_number=remittance.trace_number,
        originator=remittance.trace_originator,
        paid_cents=remittance.payment_cents,
        paid_on=remittance.payment_on,
        method=remittance.method,
        claim_count=gate.claim_count,
        payments=payments,
        provider_adjustments=provider_adjustments,
        quarantine=gate.verdict(remittance),
        transaction_control_number=remittance.control_number,
        file_sha256=file_sha256,
        body_sha256=remittance.body_hash,
        source=reading.source,
        now=reading.now,
    )


def _payments(claims: Iterator[x12.RemittanceClaim], gate: Gate) -> tuple[ClaimPayment, ...]:
    """Return what each claim of a check was decided; nothing where there are more than can be posted at once."""
    payments: list[ClaimPayment] = []
    for index, claim in enumerate(claims, start=1):
        gate.claim(claim)
        if gate.has_too_many_claims:
            payments.clear()
            continue
        payment = _payment(index, claim)
        gate.measure(payment)
        payments.append(payment)
    return tuple(payments)


def remittance_id(key: x12.NaturalKey) -> str:
    """Return the id of a check: whoever reads it, from whatever file, comes to the same one.

    Amount and day are left out: what says another amount under the same number is another explanation of that check.
    """
    return derived_id("remittance", key.payer_id, key.trace_number, key.trace_originator)


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
