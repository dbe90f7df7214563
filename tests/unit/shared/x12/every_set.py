"""Every transaction set with its readers, found and not listed, and a file of each: a new set cannot be forgotten."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from inspect import isfunction, signature
from types import ModuleType
from typing import Any, Final, TypeAlias

import shared.x12.sets
from shared.x12.malformed import MalformedX12
from shared.x12.sets.t270_x279a1 import write_270
from shared.x12.sets.t271_x279a1 import write_271
from shared.x12.sets.t276_x212 import write_276
from shared.x12.sets.t277_x212 import write_277
from shared.x12.sets.t277ca_x214 import write_277ca
from shared.x12.sets.t835_x221a1 import write_835
from shared.x12.sets.t837i_x223a2 import write_837i
from shared.x12.sets.t837p_x222a1 import write_837p
from shared.x12.sets.t999_x231a1 import write_999
from shared.x12.sets.ta1 import InterchangeAcknowledgement, write_ta1
from tests.unit.shared.x12 import eligibility, inquiries
from tests.unit.shared.x12.examples import (
    ACKNOWLEDGED,
    CLAIM,
    CLAIM_STATUSES,
    ENVELOPE,
    REMITTANCE,
    SERVICE_DAY,
    STAY,
    batch,
    stays,
)

Reader: TypeAlias = Callable[[bytes], Iterable[Any]]
_ANSWER: Final = InterchangeAcknowledgement(
    control_number="000000001", written_on=SERVICE_DAY, written_time="1200", code="A", note="000"
)
FILES: Final = {
    "t270_x279a1": write_270(
        [eligibility.question(eligibility.OF_JOHN, eligibility.OF_SALLY)], envelope=ENVELOPE, first_control_number=1
    ),
    "t271_x279a1": write_271(
        [eligibility.answer(eligibility.INSURED, eligibility.INSURED_CHILD, eligibility.REFUSED)],
        envelope=ENVELOPE,
        first_control_number=1,
    ),
    "t276_x212": write_276(
        [inquiries.question(inquiries.OF_JOHN, inquiries.OF_SALLY)], envelope=ENVELOPE, first_control_number=1
    ),
    "t277_x212": write_277(
        [inquiries.answer(inquiries.ANSWERED, inquiries.REFUSED_PROVIDER)], envelope=ENVELOPE, first_control_number=1
    ),
    "t277ca_x214": write_277ca([CLAIM_STATUSES], envelope=ENVELOPE, first_control_number=1),
    "t835_x221a1": write_835([REMITTANCE], envelope=ENVELOPE, first_control_number=1),
    "t837i_x223a2": write_837i(stays(STAY), envelope=ENVELOPE, transaction_control_number=1),
    "t837p_x222a1": write_837p(batch(CLAIM), envelope=ENVELOPE, transaction_control_number=1),
    "t999_x231a1": write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1),
    "ta1": write_ta1([_ANSWER], envelope=ENVELOPE),
}


def _public_readers(module: ModuleType) -> Iterator[Reader]:
    for name, function in vars(module).items():
        is_reader = name.startswith(("read_", "stream_")) and isfunction(function)
        if is_reader and next(iter(signature(function).parameters)) == "source":
            yield function


def _readers() -> Iterator[tuple[str, tuple[Reader, ...]]]:
    for found in pkgutil.iter_modules(shared.x12.sets.__path__, f"{shared.x12.sets.__name__}."):
        readers = tuple(_public_readers(import_module(found.name)))
        if readers:  # what several sets share has none
            yield found.name.rpartition(".")[2], readers


READERS: Final = dict(_readers())


def refused_by(read: Reader, data: bytes) -> MalformedX12 | None:
    """Return how a reader refuses a file, None where it reads it to the end, its claims included."""
    try:
        for one in read(data):
            claims = getattr(one, "claims", None)
            if callable(claims):  # they are still coming
                for _ in claims():
                    pass
    except MalformedX12 as refused:
        return refused
    return None
