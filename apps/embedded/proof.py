"""Whether all accounts of the money agree: ledger, read models, facts, the payers' own book, the bytes of the files.

Owns: the comparison, each difference in words. What somebody else sends to the same payers, such as a trainer, is in no
837 file of ours and not ours to account for. Refuses: production code of payments; the sums here are its check.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apps.embedded.tally import Tally
from shared.clients.payments import Trial
from shared.x12.sets.t835_x221a1 import RemittanceClaim, read_835
from shared.x12.sets.t837p_x222a1 import read_837p

_OUTCOMES: Final = ("paid", "contractual", "denied", "patient")


@dataclass(frozen=True, slots=True)
class Proof:
    """The result. **Shape**: each difference says which two accounts differ, and by how much."""

    differences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether nothing differs."""
        return not self.differences


def prove(
    tally: Tally, trial: Trial, accounts: Sequence[Mapping[str, Any]], book: Mapping[str, Any], exchange: Path
) -> Proof:
    """Compare the accounts of the money. **Shape**: `accounts` are the claim accounts as payments shows them."""
    sent = _sent(exchange)
    checks = (
        *_ledger(trial),
        *_facts(tally, trial),
        *_read_models(tally, accounts),
        *_book(tally, book, sent),
        *_files(tally, book, exchange, sent),
    )
    return Proof(tuple(f"{what}: {one} is not {other} cents" for what, one, other in checks if one != other))


def _ledger(trial: Trial) -> Iterator[tuple[str, int, int]]:
    money = trial.money_cents
    yield "sum of all ledger accounts, and nothing", trial.total_cents, 0
    parts = money.paid + money.contractual + money.denied + money.patient + money.open + money.unposted
    yield "charged, and the sum of its parts", money.charged, parts


def _facts(tally: Tally, trial: Trial) -> Iterator[tuple[str, int, int]]:
    money = trial.money_cents
    claims = tally.claims.values()
    self_pay = sum(tally.self_pay.values())
    yield "charges in the ledger, and in the facts", money.charged, sum(c.charge_cents for c in claims) + self_pay
    yield "payments in the ledger, and in the facts", money.paid, sum(c.paid_cents for c in claims)
    yield "contractual in the ledger, and in the facts", money.contractual, sum(c.contractual_cents for c in claims)
    yield "denied in the ledger, and in the facts", money.denied, sum(c.denied_cents for c in claims)
    yield (
        "patients' share in the ledger, and in the facts",
        money.patient,
        sum(c.patient_cents for c in claims) + self_pay,
    )


def _read_models(tally: Tally, accounts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int, int]]:
    claims = tally.claims.values()
    charged = sum(claim.charge_cents for claim in claims)
    yield "charges of the claim accounts, and in the facts", _sum(accounts, "charge"), charged
    for name in _OUTCOMES:
        facts = sum(getattr(claim, f"{name}_cents") for claim in claims)
        yield f"{name} of the claim accounts, and in the facts", _sum(accounts, name), facts


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(row[f"{name}_cents"] for row in rows)


def _sent(exchange: Path) -> Mapping[str, int]:
    """Return the charges of all claims that were sent, by control number, read from the files."""
    return {
        claim.patient_control_number: claim.charge_cents
        for path in sorted((exchange / "outbound").glob("837p-*.edi"))
        for batch in read_837p(path.read_bytes())
        for claim in batch.claims
    }


def _book(tally: Tally, book: Mapping[str, Any], sent: Collection[str]) -> Iterator[tuple[str, int, int]]:
    ours = [each for each in book["claims"] if each["patient_control_number"] in sent]
    for name in _OUTCOMES:
        facts = sum(getattr(claim, f"{name}_cents") for claim in tally.claims.values())
        yield f"{name} in the payers' own book, and in the facts", _sum(ours, name), facts


def _files(
    tally: Tally, book: Mapping[str, Any], exchange: Path, sent: Mapping[str, int]
) -> Iterator[tuple[str, int, int]]:
    yield "charges in the 837 files, and of submissions", sum(sent.values()), sum(tally.submissions.values())
    checks = {
        remittance.body_hash: remittance
        for path in sorted((exchange / "inbound").glob("835-*.edi"))
        for remittance in read_835(path.read_bytes())
    }
    paid = sum(remittance.payment_cents for remittance in checks.values())
    yield "checks in the 835 files, and in the payers' own book", paid, sum(c["paid_cents"] for c in book["checks"])
    claims = [claim for check in checks.values() for claim in check.claims if claim.patient_control_number in sent]
    for name, cents in _outcomes(claims).items():
        facts = sum(getattr(claim, f"{name}_cents") for claim in tally.claims.values())
        yield f"{name} in the 835 files, and in the facts", cents, facts


def _outcomes(claims: Iterable[RemittanceClaim]) -> dict[str, int]:
    """Return what the bytes say became of the charges, read without the product's tables: PR, CO 45, any other CO."""
    found = dict.fromkeys(_OUTCOMES, 0)
    for claim in claims:
        found["paid"] += claim.paid_cents
        for each in (*claim.adjustments, *(each for line in claim.lines for each in line.adjustments)):
            contractual = "contractual" if each.reason == "45" else "denied"
            found["patient" if each.group == "PR" else contractual] += each.amount_cents
    return found
