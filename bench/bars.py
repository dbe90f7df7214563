"""The bars that figures have to reach, and what is known of their baselines.

Owns: both as data, and the comparison. A bar that is not met is shown; a baseline that is far weaker than it is known
to be fails the run, because whatever is compared with it would look better than it is. Refuses: measuring.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

WEAK_BELOW: Final = 0.7
"""Part of its known relation to the control loop under which a baseline does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a figure has to reach.

    **Shape**: `times` its baseline at least, `times_at_most` and `more_at_most` than it at most; `either` where one of
    them is enough.
    """

    at_least: float | None = None
    at_most: float | None = None
    times: float | None = None
    times_at_most: float | None = None
    more_at_most: float | None = None
    either: bool = False

    def is_met(self, value: float, ratio: float | None) -> bool:
        """Return whether a figure reaches the bar; without its baseline it does not."""
        parts = []
        if self.at_least is not None:
            parts.append(value >= self.at_least)
        if self.at_most is not None:
            parts.append(value <= self.at_most)
        if self.times is not None:
            parts.append(ratio is not None and ratio >= self.times)
        if self.times_at_most is not None:
            parts.append(ratio is not None and ratio <= self.times_at_most)
        if self.more_at_most is not None:
            parts.append(ratio is not None and value - value / ratio <= self.more_at_most)
        return any(parts) if self.either else all(parts)

    def __str__(self) -> str:
        """Return the bar as the table says it."""
        parts = []
        if self.at_least is not None:
            parts.append(f"≥ {self.at_least:,}")
        if self.at_most is not None:
            parts.append(f"≤ {self.at_most:,}")
        if self.times is not None:
            parts.append(f"≥ {self.times:.3g}x")
        if self.times_at_most is not None:
            parts.append(f"≤ {self.times_at_most:.3g}x")
        if self.more_at_most is not None:
            parts.append(f"≤ +{self.more_at_most:,}")
        return (" or " if self.either else ", ").join(parts)


BARS: Final[Mapping[str, Bar]] = {
    "append_8": Bar(times=4),
    "append_32": Bar(times=8),
    "append_128": Bar(times=10),
    "append_32_p99": Bar(at_most=10),
    "load_change_save": Bar(times=10),
    "projection_catch_up": Bar(at_least=50_000, times=25),
    "rebuild": Bar(at_least=200_000),
    "rebuild_memory": Bar(at_most=500),
    "rebuild_write_p99": Bar(times_at_most=1.25, more_at_most=10, either=True),
    "rebuild_swap": Bar(at_most=1),
    "verify_chain": Bar(at_most=30),
    "http_command": Bar(at_least=3_000),
    "consistency_p99": Bar(at_most=300),
    "bulk_encounters": Bar(at_least=15_000),
    "bulk_accepted": Bar(at_least=15_000),
    "console_home": Bar(at_most=200),
    "console_worklist": Bar(at_most=200),
    "console_claim": Bar(at_most=200),
    "console_patient": Bar(at_most=200),
    "console_coding": Bar(at_most=200),
    "console_remittance": Bar(at_most=200),
    "console_remittances": Bar(at_most=200),
    "console_search": Bar(at_most=200),
    "console_page": Bar(at_most=150),
    "relay": Bar(at_least=25_000),
    "consume": Bar(at_least=20_000),
    "lifecycle_one_process": Bar(at_least=500),
    "lifecycle_five_processes": Bar(at_least=1_000),
    "lifecycle_memory_growth": Bar(at_most=10),
    "encounter_p50": Bar(at_most=60),
    "encounter_p99": Bar(at_most=250),
    "idle_cpu": Bar(at_most=5),
    "simulator": Bar(at_least=2_000),
    "scrubs": Bar(at_least=3_000),
    "scrub_p99": Bar(at_most=5),
    "codeset_look_ups": Bar(at_least=500_000),
    "hcpcs_look_ups": Bar(at_least=500_000),
    "mue_look_ups": Bar(at_least=500_000),
    "mpfs_look_ups": Bar(at_least=500_000),
    "nppes_look_ups": Bar(at_least=500_000),
    "article_look_ups": Bar(at_least=500_000),
    "codeset_open": Bar(at_most=1),
    "ptp_build": Bar(at_most=60),
    "ptp_build_memory": Bar(at_most=500),
    "ptp_open": Bar(at_most=1),
    "ptp_look_ups": Bar(at_least=500_000),
    "x12_835_reader": Bar(at_least=20_000, times=1 / 4.5, either=True),
    "x12_837p_reader": Bar(at_least=20_000, times=1 / 4.5, either=True),
    "x12_837p_writer": Bar(at_least=15_000),
    "x12_835_loops": Bar(times=1 / 1.8),
    "x12_837p_loops": Bar(times=1 / 1.8),
    "x12_835_ahead": Bar(times=1),
    "x12_837p_ahead": Bar(times=1),
    "x12_835_memory": Bar(at_most=80),
    "x12_837p_memory": Bar(at_most=80),
    "scale_cpu_growth": Bar(at_most=15),
    "scale_wall_growth": Bar(at_most=15),
}

KNOWN: Final[Mapping[str, float]] = {
    "library_append_8": 1.0,
    "library_append_32": 1.0,
    "library_append_128": 1.0,
    "library_load_change_save": 0.4,
    "bare_transactions_8": 2.2,
    "bare_transactions_32": 2.5,
    "bare_transactions_128": 2.5,
    "bare_group_commit_8": 6.0,
    "bare_group_commit_32": 12.0,
    "bare_group_commit_128": 18.0,
    "projection_one_by_one": 0.45,
    "five_one_by_one": 1.1,
    "bare_route": 0.04,
    "bare_dictionary": 35.0,
    "bare_split_835": 2.0,
    "bare_split_837p": 2.0,
    "bare_msgspec_decode": 3.2,
    "bare_pydantic_decode": 1.0,
    "bare_awaited_send": 0.015,
    "bare_send_batch": 0.2,
    "bare_getmany": 0.8,
}
"""How many times its control loop a baseline is on two cores, by figure: the lower end of several runs, because the
control loop of what writes waits for the disk, and that of what computes for no one."""


def weak(ratios: Mapping[str, float]) -> Iterator[str]:
    """Say which baselines are far below what is known of them. **Shape**: ratios to the control loop, by figure."""
    for name, known in KNOWN.items():
        if name in ratios and ratios[name] < WEAK_BELOW * known:
            yield f"{name} is {ratios[name]:.3g} times its control loop, and known to be {known:.3g} times"
