"""Whether a claim can be answered at all: what an answer repeats must be there, and be writable.

Owns: which fields those are. A set with a claim that cannot be answered goes back in a 999 as a whole, as it does at a
real clearinghouse, whose translator stumbles over it first.
"""

from collections.abc import Iterator

from shared.x12.party import PersonName
from shared.x12.sets.t837p_x222a1 import ClaimBatch, ProfessionalClaim
from shared.x12.writer import CannotBeWritten, identifier, required

_NUMBER_MAX = 50
_ID_MAX = 80
_CLAIM_NUMBER_MAX = 38
_CODE_MAX = 10


def is_answerable(claim: ProfessionalClaim) -> bool:
    """Return whether every answer about a claim can be written."""
    try:
        for text, length_max in _needed(claim):
            identifier(text, length_max=length_max)
        for text, length_max in _repeated(claim):
            identifier(text, length_max=length_max, required=False)
        for name in _names(claim):
            required(name.last_name)
        required(claim.billing_provider.name)
        if claim.payer.name:
            required(claim.payer.name)
    except CannotBeWritten:
        return False
    return bool(claim.lines)


def is_header_answerable(batch: ClaimBatch) -> bool:
    """Return whether an answer can name a batch and who sent it."""
    try:
        identifier(batch.reference, length_max=_NUMBER_MAX)
        identifier(batch.submitter.submitter_id, length_max=_ID_MAX)
        required(batch.submitter.name)
    except CannotBeWritten:
        return False
    return True


def _needed(claim: ProfessionalClaim) -> Iterator[tuple[str, int]]:
    yield claim.patient_control_number, _CLAIM_NUMBER_MAX
    yield claim.payer.payer_id, _NUMBER_MAX
    yield claim.billing_provider.npi, _ID_MAX
    yield claim.subscriber.member_id, _ID_MAX
    for line in claim.lines:
        yield line.procedure, _ID_MAX
        yield line.procedure_qualifier, _CODE_MAX


def _repeated(claim: ProfessionalClaim) -> Iterator[tuple[str, int]]:
    yield claim.place_of_service, _CODE_MAX
    yield claim.frequency, _CODE_MAX
    yield claim.billing_provider.tax_id, _NUMBER_MAX
    if claim.rendering_provider:
        yield claim.rendering_provider.npi, _ID_MAX
    for line in claim.lines:
        yield line.line_control_number, _NUMBER_MAX
        for modifier in line.modifiers:
            yield modifier, _CODE_MAX


def _names(claim: ProfessionalClaim) -> Iterator[PersonName]:
    yield claim.subscriber.name
    if claim.patient:
        yield claim.patient.name
