"""One 837P read twice: by pyx12's guide map, and by our reader, which the simulator uses."""

import io
import warnings
from typing import Any, NamedTuple

from pyx12.error_handler import errh_null
from pyx12.params import params
from pyx12.x12context import X12ContextReader

from shared.kernel.money import Money
from shared.x12.elements import written_quantity
from shared.x12.interchange import transaction_sets
from shared.x12.sets.t837p_x222a1 import ServiceLine, claim_batch


class Line(NamedTuple):
    """A line as somebody read it. **Units**: cents; units and pointers as text; days as YYYYMMDD."""

    procedure: str
    charge_cents: int
    units: str
    pointers: tuple[str, ...]
    service_from: str
    service_to: str


class Reading(NamedTuple):
    """A claim as somebody read it. **Units**: cents."""

    patient_control_number: str
    charge_cents: int
    lines: tuple[Line, ...]


def by_pyx12(text: str) -> tuple[Reading, ...]:
    """Return the claims as pyx12 reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = X12ContextReader(params(None), errh_null(), io.StringIO(text))
        return tuple(
            Reading(
                node.get_value("CLM01"), _cents(node.get_value("CLM02")), tuple(map(_pyx12_line, node.select("2400")))
            )
            for node in reader.iter_segments("2300")
            if node.id == "2300"
        )


def _pyx12_line(node: Any) -> Line:  # noqa: ANN401 (pyx12 publishes no types)
    pointers = (node.get_value(f"SV107-{n}") for n in range(1, 5))
    days = str(node.get_value("DTP[472]03")).split("-")
    return Line(
        procedure=node.get_value("SV101-2"),
        charge_cents=_cents(node.get_value("SV102")),
        units=node.get_value("SV104"),
        pointers=tuple(each for each in pointers if each),
        service_from=days[0],
        service_to=days[-1],
    )


def by_simulator(content: bytes) -> tuple[Reading, ...]:
    """Return the claims as the simulator reads them."""
    return tuple(
        Reading(claim.patient_control_number, claim.charge_cents, tuple(map(_line, claim.lines)))
        for transaction in transaction_sets(content)
        for claim in claim_batch(transaction).claims
    )


def _line(line: ServiceLine) -> Line:
    return Line(
        procedure=line.procedure,
        charge_cents=line.charge_cents,
        units=written_quantity(line.units),
        pointers=tuple(map(str, line.pointers)),
        service_from=f"{line.service_from:%Y%m%d}",
        service_to=f"{line.service_to:%Y%m%d}",
    )


def _cents(text: str) -> int:
    return Money.of_decimal(text).cents
