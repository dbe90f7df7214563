"""Independent judges of X12: pyx12 for guides, oxedi for remittances and their sums; never part of the product.

Known defects are worked around as the design notes say: pyx12's remark codes are stale, and an exception of its own
counts as a rejection. It is not asked about 277CA, whose map it ships broken.
"""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import oxedi
from pyx12.params import params
from pyx12.x12n_document import x12n_document


class Verdict(NamedTuple):
    """What pyx12 says of a file. **Shape**: `errors` as (code, text); `acknowledgement` its own 999."""

    valid: bool
    errors: tuple[tuple[str, str], ...]
    acknowledgement: str


def pyx12_check(text: str, *, acknowledge: bool = False) -> Verdict:
    """Return pyx12's verdict on a whole file. **Shape**: do not ask for an acknowledgement of a 999 or TA1."""
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    settings = params(None)
    settings.set("exclude_external_codes", "remark_code")
    answer, report = io.StringIO(), io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            valid = x12n_document(
                settings, io.StringIO(text), fd_997=answer if acknowledge else None, fd_html=None, fd_json=report
            )
        except Exception as error:  # noqa: BLE001 (whatever it stumbles over, it did not find the file valid)
            return Verdict(valid=False, errors=(("exception", repr(error)),), acknowledgement="")
    errors = tuple(_errors(json.loads(report.getvalue() or "{}")))
    return Verdict(valid=bool(valid) and not errors, errors=errors, acknowledgement=answer.getvalue())


def oxedi_findings(data: bytes) -> tuple[str, ...]:
    """Return what oxedi finds in an 835, its three sums included; empty: nothing."""
    return tuple(f"level {found.level} {found.rule} {found.path}" for found in oxedi.parse(data).diagnostics)


def _errors(report: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (a JSON document has any shape)
    if isinstance(report, dict):
        if "err_cde" in report:
            yield str(report["err_cde"]), str(report.get("err_str"))
        report = list(report.values())
    if isinstance(report, list):
        for part in report:
            yield from _errors(part)
