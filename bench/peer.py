"""The `eventsourcing` library, at its best setting on this machine. Runs in .venv-bench, apart from the product.

    .venv-bench/bin/python bench/peer.py SOCKET_FOLDER DATABASE SECONDS [THREADS DB_FUNCTIONS]

Owns: a grid of settings, and the best of each measure as one JSON object. The aggregate is a booked appointment, as in
`append.py`; the library writes no idempotency key, no chain and no read model here, so it has less to do. Nothing
imports this module: what it imports itself is not installed beside the product.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from statistics import quantiles
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

THREADS: Final = (1, 2, 4, 8, 16)
DB_FUNCTIONS: Final = ("n", "y")


class Appointment(Aggregate):  # type: ignore[misc] # its types are not installed here
    """A visit that is planned."""

    @event("Booked")  # type: ignore[untyped-decorator] # as above
    def __init__(self, patient_id: str, provider_id: str, starts_at: str, visit_type: str) -> None:
        """Book it."""
        self.patient_id = patient_id
        self.provider_id = provider_id
        self.starts_at = starts_at
        self.visit_type = visit_type
        self.encounter_id = ""

    @event("CheckedIn")  # type: ignore[untyped-decorator] # as above
    def check_in(self, encounter_id: str) -> None:
        """Begin the visit."""
        self.encounter_id = encounter_id


class Appointments(Application):  # type: ignore[misc] # its types are not installed here
    """The library's application."""

    def book(self, booked: list[UUID]) -> None:
        """Append one event of a new aggregate."""
        appointment = Appointment("patient-1", "provider-1", "2026-11-28T09:00:00+00:00", "office-visit")
        self.save(appointment)
        booked.append(appointment.id)

    def check_in(self, booked: list[UUID]) -> None:
        """Load, change, save. **Errors**: `IndexError`: all are done."""
        appointment = self.repository.get(booked.pop())
        appointment.check_in("encounter-1")
        self.save(appointment)


def _rate(call: Callable[[], object], threads: int, seconds: float) -> dict[str, float]:
    """Return calls per second and times, of so many threads that call again and again."""
    until = perf_counter() + seconds

    def again_and_again(_: int) -> list[float]:
        took = []
        with suppress(IndexError):
            while (begun := perf_counter()) < until:
                call()
                took.append(perf_counter() - begun)
        return took

    begun = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        took = [each for some in pool.map(again_and_again, range(threads)) for each in some]
    percent = quantiles(took, n=100)
    return {
        "per_second": len(took) / (perf_counter() - begun),
        "p50_ms": percent[49] * 1_000,
        "p99_ms": percent[98] * 1_000,
    }


def _measured(settings: dict[str, str], threads: int, seconds: float) -> dict[str, dict[str, Any]]:
    said = {"threads": threads, "db_functions": settings["POSTGRES_ENABLE_DB_FUNCTIONS"]}
    with Appointments(env=settings) as app:
        before = app.recorder.max_notification_id() or 0
        booked: list[UUID] = []
        appended = _rate(lambda: app.book(booked), threads, seconds)
        count = len(booked)
        changed = _rate(lambda: app.check_in(booked), threads, seconds)
        stored = app.recorder.max_notification_id() - before
        if stored != count + count - len(booked):
            raise SystemExit(f"{count} were booked and {count - len(booked)} checked in, but {stored} are stored")
    return {"append": appended | said, "load_change_save": changed | said}


def main() -> None:
    """Try every setting, or the one that is named; print the best of each measure."""
    folder, database, seconds, *setting = sys.argv[1:]
    tried = [(int(setting[0]), setting[1])] if setting else product(THREADS, DB_FUNCTIONS)
    best: dict[str, dict[str, Any]] = {}
    for threads, functions in tried:
        settings = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_HOST": folder,
            "POSTGRES_DBNAME": database,
            "POSTGRES_USER": "postgres",
            "POSTGRES_PASSWORD": "",
            "POSTGRES_POOL_SIZE": str(threads),
            "POSTGRES_MAX_OVERFLOW": "0",
            "POSTGRES_MAX_WAITING": "0",
            "POSTGRES_ENABLE_DB_FUNCTIONS": functions,
        }
        for name, found in _measured(settings, threads, float(seconds)).items():
            if name not in best or found["per_second"] > best[name]["per_second"]:
                best[name] = found
    print(json.dumps(best))


if __name__ == "__main__":
    main()
