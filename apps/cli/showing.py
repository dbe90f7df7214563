"""`claimlog show claim`: one claim as all five services know it, now or at an instant, for who has to defend it.

Owns: composing what patient, coverages, prices, rules and findings were, each from the service that decides it, and how
that is shown. Refuses: mixing times: all are asked as of one instant. The instant of `--as-submitted` is the one at
which the bytes of the file were fixed, for later facts are not in them. A service learns the facts of others a moment
after they were recorded; how long that takes is the lag of its metrics.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias

import httpx
import typer
from rich.console import Console
from rich.table import Table

from apps.cli.calling import NobodyAnswers, Refused, calling
from apps.cli.operating import OK, PARTIAL
from apps.cli.options import SAYS, Json, answer
from shared.clients.claims import ClaimsClient
from shared.clients.coding import CodingClient
from shared.clients.every_service import ServiceClient
from shared.clients.payments import PaymentsClient
from shared.clients.problem import ProblemAnswered
from shared.clients.registration import RegistrationClient
from shared.clients.validation import ValidationClient
from shared.kernel.errors import Rejected
from shared.runtime.clock import now

SHOW: Final = typer.Typer(no_args_is_help=True)
Found: TypeAlias = Mapping[str, Any]

ClaimId = Annotated[str, typer.Argument(help="A claim, by its id.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="What was known at an instant, with its offset: 2026-03-03T15:00:00Z.")
]
AsSubmitted = Annotated[
    bool, typer.Option("--as-submitted", help="What was known when the file was written that the receiver has.")
]


class NotSubmitted(Rejected):
    """Nobody has received the claim yet, so there is no instant at which it was submitted."""

    slug = "claim-not-submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submission:
    """When a claim was put into its file, and when that file was known to have arrived."""

    queued_at: datetime
    submitted_at: datetime

    def as_json(self) -> Mapping[str, str]:
        """Return it for programs."""
        return {"queued_at": self.queued_at.isoformat(), "submitted_at": self.submitted_at.isoformat()}


@SHOW.callback()
def _one() -> None:
    """Let `claim` be a word of its own, also while it is the only one."""


@SHOW.command(epilog="Example: claimlog show claim 6f3c5a7e-… --as-submitted --json")
def claim(claim_id: ClaimId, *, as_of: AsOf = None, as_submitted: AsSubmitted = False, as_json: Json = False) -> None:
    """Show a claim with patient, coverage order, prices, rule set, findings and money, as known now or then.

    Exit code 3: a service did not answer; what it knows is left out, and said.
    """
    if as_of is not None and as_submitted:
        raise typer.BadParameter("say --as-of or --as-submitted")
    document = asyncio.run(_composed(claim_id, _instant(as_of), as_submitted=as_submitted))
    answer(document, as_json=as_json, show=lambda console: _show(document, console))
    for service, why in document["unanswered"].items():
        SAYS.print(f"{service} is left out: {why}", style="yellow", highlight=False)
    raise typer.Exit(PARTIAL if document["unanswered"] else OK)


def _instant(text: str | None) -> datetime | None:
    """Return the instant that a person named; what names none ends with code 2."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--as-of is an instant such as 2026-03-03T15:00:00Z") from None
    if instant.tzinfo is None or instant > now():
        raise typer.BadParameter("--as-of is an instant that was, with its offset: 2026-03-03T15:00:00Z")
    return instant


async def _composed(claim_id: str, instant: datetime | None, *, as_submitted: bool) -> Found:
    """Return the claim and what the other services say of it as of one instant. **Errors**: `NotSubmitted`."""
    submission: _Submission | None = None
    async with calling("claims", ("claims.read", "events.read")) as http:
        if as_submitted:
            submission = _last_submission(await ServiceClient(http).stream(f"claim-{claim_id}"))
            instant = submission.queued_at
        found = await ClaimsClient(http).claim(claim_id, as_of=instant)
    encounter_id = found["encounter_id"]
    asked: dict[str, Callable[[httpx.AsyncClient], Awaitable[Found]]] = {
        "registration": lambda http: RegistrationClient(http).patient(found["patient_id"], as_of=instant),
        "coding": lambda http: CodingClient(http).encounter(encounter_id, as_of=instant),
        "validation": lambda http: ValidationClient(http).scrub(encounter_id, as_of=instant),
        "payments": lambda http: PaymentsClient(http).claim_account(claim_id, as_of=instant),
    }
    unanswered: dict[str, str] = {}
    told = await asyncio.gather(*(_asked(service, ask, unanswered) for service, ask in asked.items()))
    patient, encounter, scrub, account = told
    return {
        "claim_id": claim_id,
        "as_of": instant.isoformat() if instant else None,
        "submission": submission.as_json() if submission else None,
        "claim": found,
        "patient": {name: value for name, value in patient.items() if name != "coverages"} if patient else None,
        "coverages": _coverages(found, patient, encounter),
        "prices": _prices(found),
        "rules": {
            "rule_set_version": found["rule_set_version"],
            "scrub": scrub["status"] if scrub else None,
            "editions": scrub["editions"] if scrub else [],
        },
        "findings": scrub["findings"] if scrub else None,
        "account": account,
        "unanswered": unanswered,
    }


def _last_submission(facts: Sequence[Found]) -> _Submission:
    """Return when the submission that arrived last was written, and known to have arrived."""
    last: _Submission | None = None
    queued_at: datetime | None = None
    for fact in facts:
        recorded_at = datetime.fromisoformat(fact["recorded_at"])
        if fact["type"] == "ClaimQueued":
            queued_at = recorded_at
        if fact["type"] == "ClaimSubmitted" and queued_at is not None:
            last = _Submission(queued_at=queued_at, submitted_at=recorded_at)
    if last is None:
        raise NotSubmitted("the claim was not submitted; ask without --as-submitted for what is known now")
    return last


async def _asked(
    service: str, ask: Callable[[httpx.AsyncClient], Awaitable[Found]], unanswered: dict[str, str]
) -> Found | None:
    """Return what a service says, None where it knew nothing then, or does not answer; the latter is noted."""
    try:
        async with calling(service, (f"{service}.read",)) as http:
            return await _known(ask(http))
    except (NobodyAnswers, Refused) as error:
        unanswered[service] = str(error)
        return None


async def _known(asked: Awaitable[Found]) -> Found | None:
    try:
        return await asked
    except ProblemAnswered as problem:
        if problem.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def _coverages(claim_: Found, patient: Found | None, encounter: Found | None) -> list[dict[str, Any]] | None:
    """Return the coverages that were known, those that counted for the visit first and in their order."""
    if patient is None:
        return None
    order = list(encounter["coverage_ids"]) if encounter else []
    numbered = [
        {
            **each,
            "order": order.index(each["coverage_id"]) + 1 if each["coverage_id"] in order else None,
            "on_claim": each["coverage_id"] == claim_["coverage_id"],
        }
        for each in patient["coverages"]
    ]
    return sorted(numbered, key=lambda each: each["order"] or len(order) + 1)


def _prices(claim_: Found) -> dict[str, Any]:
    shown = ("line_no", "procedure_code", "modifiers", "units", "charge_cents")
    return {
        "charge_cents": claim_["charge_cents"],
        "fee_schedule_versions": claim_["fee_schedule_versions"],
        "lines": [{name: line[name] for name in shown} for line in claim_["lines"]],
    }


def _show(document: Found, console: Console) -> None:
    then = document["as_of"]
    console.print(f"claim {document['claim_id']} as known {'at ' + then if then else 'now'}", highlight=False)
    if document["submission"]:
        console.print(f"in its file since then; received by {document['submission']['submitted_at']}", highlight=False)
    console.print(_overview(document))
    console.print(_coverage_table(document["coverages"] or ()))
    console.print(_price_table(document["prices"]))
    console.print(_finding_table(document["findings"] or ()))


def _overview(document: Found) -> Table:
    claim_, patient, account = document["claim"], document["patient"], document["account"]
    name = (patient or {}).get("name") or {}
    table = Table(show_header=False, title="Claim")
    table.add_row("submission", claim_["submission"]["stage"])
    table.add_row("work", " ".join(filter(None, (claim_["work"]["owner"], claim_["work"]["reason"]))))
    table.add_row("patient", f"{name.get('given', '?')} {name.get('family', '?')}" if patient else "not known")
    table.add_row("MRN, birth date", f"{patient['mrn']}, {patient['birth_on']}" if patient else "not known")
    table.add_row("diagnoses", ", ".join(claim_["diagnoses"]))
    table.add_row("codes", f"coding version {claim_['coding_version']}")
    table.add_row(
        "rule set", f"{document['rules']['rule_set_version']}; scrub {document['rules']['scrub'] or 'not known'}"
    )
    table.add_row("code sets", ", ".join(document["rules"]["editions"]))
    if account:
        parts = ("charge", "paid", "contractual", "denied", "patient", "open")
        table.add_row("money", ", ".join(f"{part} {_dollars(account[f'{part}_cents'])}" for part in parts))
    else:
        table.add_row("money", "nothing charged or paid")
    return table


def _coverage_table(coverages: Sequence[Found]) -> Table:
    table = Table("order", "coverage", "payer", "filing", "from", "to", "on claim", title="Coverages")
    for each in coverages:
        table.add_row(
            str(each["order"] or "-"),
            each["coverage_id"],
            each["payer_id"],
            each["filing_order"],
            each["effective_from_on"],
            each["effective_to_on"] or "open",
            "yes" if each["on_claim"] else "",
        )
    return table


def _price_table(prices: Found) -> Table:
    table = Table("line", "procedure", "modifiers", "units", "charge", title="Prices")
    table.columns[-1].justify = "right"
    for line in prices["lines"]:
        charge = _dollars(line["charge_cents"])
        table.add_row(
            str(line["line_no"]), line["procedure_code"], " ".join(line["modifiers"]), str(line["units"]), charge
        )
    table.add_row("", "", "", "", _dollars(prices["charge_cents"]))
    table.caption = "fee schedules: " + (", ".join(prices["fee_schedule_versions"]) or "none")
    return table


def _finding_table(findings: Sequence[Found]) -> Table:
    table = Table("rule", "version", "severity", "outcome", "line", "citation", title="Findings")
    for each in findings:
        version, line = str(each["rule_version"]), str(each["line_no"] or "-")
        table.add_row(each["rule_id"], version, each["severity"], each["outcome"], line, each["citation"])
    return table


def _dollars(cents: int | None) -> str:
    if cents is None:
        return "-"
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"
