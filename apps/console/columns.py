"""What each worklist shows of its rows, where a row leads, and what may be done with several at once.

Owns: one entry per worklist; one that has none here is shown field by field, so that a new worklist of a service is
never hidden. Refuses: how a value looks (`templates/components/worklist.html`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from shared.clients.every_service import RowOrder

Row: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal[
    "patient", "payer", "money", "day", "due", "moment", "words", "status", "codes", "answers", "text"
]
_EMPTY: Final[tuple[object, ...]] = (None, "", [], ())


@dataclass(frozen=True, slots=True)
class Column:
    """One column. **Shape**: `field` of the row; `sort` is what the service orders by, empty where it cannot."""

    title: str
    kind: Kind
    field: str
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a worklist is shown. **Shape**: `bulk` is what may be done with several rows, empty for nothing."""

    columns: tuple[Column, ...]
    id_field: str
    link: Callable[[Row], str]
    bulk: str = ""


def _to_claim(row: Row) -> str:
    return f"/claim/{row['claim_id']}"


def _to_encounter(row: Row) -> str:
    return f"/encounter/{row['encounter_id']}"


def _to_exception(row: Row) -> str:
    return f"/remittance/{row['remittance_id']}" if row.get("remittance_id") else "/remittances"


_CLAIM: Final = (
    Column("Claim", "text", "patient_control_number"),
    Column("Patient", "patient", "patient_id"),
    Column("Payer", "payer", "payer_id"),
    Column("Charge", "money", "charge_cents", "amount"),
    Column("Why", "words", "work_reason"),
    Column("Answer", "answers", "status_codes"),
    Column("Filing deadline", "due", "filing_deadline_on", "due"),
)
_FINDING: Final = (
    Column("Rule", "words", "rule_id"),
    Column("What to do", "text", "mend"),
    Column("Found in", "codes", "inputs"),
    Column("Payer", "payer", "payer_id"),
    Column("Since", "day", "raised_on"),
)
_CASE: Final = (
    Column("Service", "day", "service_from_on"),
    Column("Patient", "patient", "patient_id"),
    Column("Why", "words", "reason"),
    Column("Since", "moment", "opened_at"),
)
_SCRUB: Final = (
    Column("Patient", "patient", "patient_id"),
    Column("State", "status", "status"),
    Column("Why", "text", "broken"),
    Column("Missing", "codes", "missing"),
    Column("Filing deadline", "due", "filing_deadline_on"),
    Column("Since", "moment", "changed_at"),
)
_BILLING: Final = (
    Column("Patient", "patient", "patient_id"),
    Column("State", "status", "status"),
    Column("Missing", "codes", "missing"),
    Column("Since", "moment", "changed_at"),
)
_DENIAL: Final = (
    Column("Patient", "patient", "patient_id"),
    Column("Denied", "money", "denied_cents", "amount"),
    Column("Why", "answers", "reasons"),
    Column("Whole claim", "words", "is_whole"),
    Column("Since", "moment", "denied_at"),
)
_EXCEPTION: Final = (
    Column("What", "status", "kind"),
    Column("Why", "words", "reason"),
    Column("Claim named", "text", "patient_control_number"),
    Column("Paid", "money", "paid_cents", "amount"),
    Column("Difference", "money", "difference_cents"),
    Column("Since", "moment", "seen_at"),
)
_AUTHORIZATION: Final = (
    Column("Service", "due", "service_from_on", "due"),
    Column("Patient", "patient", "patient_id"),
    Column("State", "status", "status"),
    Column("Procedures", "codes", "procedure_codes"),
    Column("Changed", "moment", "changed_at"),
)
_APPOINTMENT: Final = (
    Column("When", "moment", "starts_at"),
    Column("Patient", "patient", "patient_id"),
    Column("Visit", "text", "visit_type"),
)


def _claims(bulk: str = "") -> Shown:
    return Shown(columns=_CLAIM, id_field="claim_id", link=_to_claim, bulk=bulk)


def _encounters(columns: tuple[Column, ...]) -> Shown:
    return Shown(columns=columns, id_field="encounter_id", link=_to_encounter)


def _patients(columns: tuple[Column, ...], id_field: str) -> Shown:
    return Shown(columns=columns, id_field=id_field, link=lambda row: f"/patient/{row['patient_id']}")


SHOWN: Final[Mapping[str, Shown]] = {
    "held-claims": _claims("release"),
    "rejected-claims": _claims("resubmit"),
    "unsent-claims": _claims(),
    "claims-with-newer-codes": _claims(),
    "waiting-encounters": _encounters(_BILLING),
    "held-encounters": _encounters(_BILLING),
    "self-pay-with-newer-codes": _encounters(_BILLING),
    "coder-queue": _encounters(_CASE),
    "not-codable": _encounters(_CASE),
    "rejected-codes": _encounters(_SCRUB),
    "waiting-scrubs": _encounters(_SCRUB),
    "findings-coder": _encounters(_FINDING),
    "findings-biller": _encounters(_FINDING),
    "findings-front-desk": _encounters(_FINDING),
    "denials": Shown(columns=_DENIAL, id_field="claim_id", link=_to_claim),
    "exceptions": Shown(columns=_EXCEPTION, id_field="exception_id", link=_to_exception),
    "authorizations-due": _patients(_AUTHORIZATION, "authorization_id"),
    "appointments-booked": _patients(_APPOINTMENT, "appointment_id"),
}


def shown_as(name: str, rows: list[Row]) -> Shown:
    """Return how a worklist is shown, without columns that are empty; of one that nobody described, every field."""
    known = SHOWN.get(name)
    if known is not None:
        first, *others = known.columns
        filled = (each for each in others if each.sort or any(row.get(each.field) not in _EMPTY for row in rows))
        return replace(known, columns=(first, *filled))
    fields = [field for field, value in (rows[0] if rows else {}).items() if not isinstance(value, list | dict)]
    columns = tuple(Column(field.replace("_", " "), "text", field) for field in fields)
    return Shown(columns=columns, id_field=fields[0] if fields else "", link=lambda _: "")


def usual_order(name: str) -> RowOrder:
    """Return in which order a worklist is worked off: by deadline, else the largest amount first."""
    sorts = {column.sort for column in SHOWN[name].columns} if name in SHOWN else set()
    return "due" if "due" in sorts else "-amount" if "amount" in sorts else "key"


def flat(name: str, row: Row) -> Row:
    """Return a row whose columns are fields: a finding says what to do in the first place, a scrub what broke."""
    if name.startswith("findings-") and row.get("places"):
        return {**row, **row["places"][0]}
    errors = (each for each in row.get("findings", ()) if each["severity"] == "error" and not each["overridden"])
    broken = dict.fromkeys(each["rule_id"].replace("_", " ") for each in errors if each["outcome"] == "fail")
    return {**row, "broken": ", ".join(broken)} if broken else row
