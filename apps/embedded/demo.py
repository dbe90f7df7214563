"""The demo: a practice in, paid and denied claims out, and the proof that every cent is where it belongs.

Owns: importing, waiting until every encounter has ended somewhere, counting from the services' own feeds, and comparing
four independent accounts of the money. Refuses: looking into databases; it asks over HTTP like anybody.
Next: `tally.py` counts, `proof.py` compares.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table

from apps.cli.importing import ImportOptions, import_from
from apps.embedded.installation import Installation
from apps.embedded.proof import Proof, prove
from apps.embedded.settings import ISSUER, REPOSITORY, SERVICES
from apps.embedded.tally import Tally
from shared.clients.conditions import keyed
from shared.clients.every_service import ServiceClient
from shared.clients.payments import PaymentsClient, Trial
from shared.events.envelope import Actor

_SECONDS_MAX: Final = 600
_STILL_SECONDS: Final = 60
_STATES: Final = ("paid", "denied", "rejected")
"""What a claim of the sample practice can meet; nothing there waits for a later day."""


class DemoStuck(Exception):
    """Something waits that should not: nothing moved for a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the practice. **Units**: cents, seconds."""

    tally: Tally
    trial: Trial
    proof: Proof
    scenarios: Sequence[Mapping[str, Any]]
    facts: int
    elapsed: timedelta
    import_failures: int

    @property
    def balanced(self) -> bool:
        """Return whether all accounts of the money agree."""
        return self.proof.holds

    def as_json(self) -> Mapping[str, Any]:
        """Return the outcome for programs."""
        money = self.trial.money_cents
        return {
            **self.tally.counts(),
            "import_failures": self.import_failures,
            "events": self.facts,
            "seconds": round(self.elapsed.total_seconds(), 2),
            "encounters_per_second": round(self.tally.encounters / self.elapsed.total_seconds(), 1),
            "money_cents": {
                name: getattr(money, name)
                for name in ("charged", "paid", "contractual", "denied", "patient", "open", "unposted")
            },
            "stops": [{**stop._asdict(), "encounters": count} for stop, count in self.tally.stops()],
            "scenarios": list(self.scenarios),
            "balanced": self.balanced,
            "differences": list(self.proof.differences),
        }

    def show(self, console: Console) -> None:
        """Print the outcome for people."""
        counts = Table("what became of them", "encounters", title="Encounters")
        for name, count in self.tally.counts().items():
            counts.add_row(name.replace("_", " "), f"{count:,}")
        money = Table("where it is", "dollars", title="Money")
        for name, cents in self.as_json()["money_cents"].items():
            money.add_row(name, f"{cents // 100:,}.{cents % 100:02d}")
        met = Table("scenario", "claims", *_STATES, "paid dollars", title="What the payers did")
        for each in self.scenarios:
            dollars = f"{each['paid_cents'] // 100:,}.{each['paid_cents'] % 100:02d}"
            states = (str(each["by_state"][state]) for state in _STATES)
            met.add_row(each["scenario"], str(each["claims"]), *states, dollars)
        stops = Table("rule that stops them", "who mends it", "encounters", title="Why validation holds encounters")
        for stop, count in self.tally.stops():
            stops.add_row(stop.rule_id, stop.owner, str(count))
        for table, figures_from in ((counts, 1), (stops, 2), (met, 1), (money, 1)):
            for column in table.columns[figures_from:]:
                column.justify = "right"
            console.print(table)
        speed = self.as_json()["encounters_per_second"]
        console.print(
            f"{self.facts:,} facts in {self.elapsed.total_seconds():.1f} s, {speed} encounters per second",
            highlight=False,
        )
        if self.balanced:
            console.print("balanced: ledger, read models, the payers' own book and the bytes of the files agree")
        for difference in self.proof.differences:
            console.print(f"NOT BALANCED: {difference}", style="red")


async def run_demo(installation: Installation, path: Path, *, console: Console) -> Outcome:
    """Import a practice and return what became of it. **Errors**: those of an import; `DemoStuck`."""
    started = monotonic()
    async with installation.clients(Actor(kind="service", id="demo")) as http:
        await _publish_prices(http["claims"])
        options = ImportOptions(urls=installation.urls, data=installation.data, token_issuer=ISSUER)
        imported = await import_from(path, options, console=console)
        for each in imported.report.failed:
            console.print(f"not imported: {each.place.file}:{each.place.number} {each.resource_type}: {each.reason}")
        services = {name: ServiceClient(client) for name, client in http.items() if name in SERVICES}
        tally = Tally()
        await _until_settled(tally, services)
        trial = await PaymentsClient(http["payments"]).trial_balance()
        await installation.exchange.copy()
        book = (await http["simulator"].get("/book")).raise_for_status().json()
        scenarios = (await http["simulator"].get("/outcomes")).raise_for_status().json()
        payments = PaymentsClient(http["payments"])
        accounts = [await payments.claim_account(claim_id) for claim_id in tally.claims]
        proof = prove(tally, trial, accounts, book, installation.exchange.folder)
        facts = sum([await service.position() for service in services.values()])
    return Outcome(
        tally=tally,
        trial=trial,
        proof=proof,
        scenarios=scenarios,
        facts=facts,
        elapsed=timedelta(seconds=monotonic() - started),
        import_failures=imported.failed,
    )


async def _publish_prices(claims: httpx.AsyncClient) -> None:
    """Publish the sample's prices; a repeat is answered with what is there."""
    schedule = json.loads((REPOSITORY / "samples" / "fee-schedule.json").read_text())
    (await claims.post("/v1/fee-schedules", json=schedule, headers=keyed(None))).raise_for_status()


async def _until_settled(tally: Tally, services: Mapping[str, ServiceClient]) -> None:
    """Follow the feeds until every encounter has ended somewhere and the money has come to rest."""
    begun = moved = monotonic()
    while True:
        before = tally.seen
        await tally.follow(services)
        if tally.is_settled():
            return
        if tally.seen != before:
            moved = monotonic()
        if monotonic() - moved > _STILL_SECONDS or monotonic() - begun > _SECONDS_MAX:
            raise DemoStuck(f"nothing moves any more: {tally.unsettled()}; `claimlog status` says what waits for what")
        await asyncio.sleep(0.1)
