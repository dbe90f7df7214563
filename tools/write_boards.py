"""The four boards of Grafana, from the metrics that exist: `deploy/grafana/*.json`. Run with `make contracts`.

A board is a list of panels; a panel is a title, a unit and what is asked. Everything else is the same for all of them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tools.images import ROOT

FOLDER: Final = ROOT / "deploy" / "grafana"
_WIDTH: Final = 12
_HEIGHT: Final = 8


class Panel(NamedTuple):
    """A time series. **Shape**: `asked` is PromQL, `legend` names a line by its labels. **Units**: Grafana's ids."""

    title: str
    unit: str
    asked: str
    legend: str
    about: str = ""


BOARDS: Final[Mapping[str, tuple[str, Sequence[Panel]]]] = {
    "service": (
        "Services: rate, errors, duration, saturation",
        (
            Panel("Requests", "reqps", "sum by (service) (rate(claimlog_http_seconds_count[5m]))", "{{service}}"),
            Panel(
                "Errors of ours (5xx)",
                "percentunit",
                'sum by (service) (rate(claimlog_http_seconds_count{status=~"5.."}[5m]))'
                " / sum by (service) (rate(claimlog_http_seconds_count[5m]))",
                "{{service}}",
                "Shed load (503 with Retry-After) counts too.",
            ),
            Panel(
                "Duration, 99th percentile",
                "s",
                "histogram_quantile(0.99, sum by (le, service) (rate(claimlog_http_seconds_bucket[5m])))",
                "{{service}}",
            ),
            Panel(
                "Time of a flush, 99th percentile",
                "s",
                "histogram_quantile(0.99, sum by (le, service) (rate(claimlog_flush_seconds_bucket[5m])))",
                "{{service}}",
                "All writing of a service goes through it: the measure of saturation.",
            ),
            Panel("Facts written", "short", "sum by (service) (rate(claimlog_facts_written_total[5m]))", "{{service}}"),
            Panel(
                "Units by what came of them",
                "short",
                "sum by (service, outcome) (rate(claimlog_units_total[5m]))",
                "{{service}} {{outcome}}",
            ),
        ),
    ),
    "event-flow": (
        "Event flow: relay, consumers, what is stuck",
        (
            Panel(
                "Age of the oldest fact that is not published",
                "s",
                "max by (service) (claimlog_relay_lag_seconds)",
                "{{service}}",
            ),
            Panel(
                "Age of the newest fact that was taken, while there is more",
                "s",
                "max by (service, topic) (claimlog_consumer_lag_seconds)",
                "{{service}} from {{topic}}",
            ),
            Panel(
                "Facts published and records taken",
                "short",
                "sum by (service) (rate(claimlog_facts_relayed_total[5m]))"
                " or sum by (service) (rate(claimlog_records_consumed_total[5m]))",
                "{{service}}",
            ),
            Panel("Parked records", "short", "max by (service) (claimlog_parked_records)", "{{service}}"),
            Panel(
                "Rows that wait for facts",
                "short",
                "max by (service, worklist, missing) (claimlog_waiting_rows)",
                "{{service}} {{worklist}} for {{missing}}",
            ),
            Panel(
                "Stopped partitions and broken read models",
                "short",
                "sum by (service) (claimlog_partition_stopped) + sum by (service) (claimlog_projection_broken)",
                "{{service}}",
                "Anything but 0 waits for a person: claimlog doctor says for what.",
            ),
        ),
    ),
    "money": (
        "Money: clearing, ledger, effects",
        (
            Panel(
                "On the clearing account of checks",
                "short",
                "max(claimlog_payments_clearing_cents)",
                "cents",
                "Anything but 0 is a check posted by half.",
            ),
            Panel(
                "Debits against credits",
                "short",
                "max(claimlog_payments_unbalanced_cents)",
                "cents",
                "Anything but 0 is a fault.",
            ),
            Panel(
                "Effects whose outcome is unknown",
                "short",
                "max by (service, effect) (claimlog_effects_unknown)",
                "{{service}} {{effect}}",
            ),
            Panel(
                "Effects that wait, and services that hold theirs",
                "short",
                "max by (service) (claimlog_effects_waiting) or max by (service) (claimlog_effects_held)",
                "{{service}}",
            ),
        ),
    ),
    "security": (
        "Security: who is refused",
        (
            Panel(
                "Without a valid token (401)",
                "reqps",
                'sum by (service) (rate(claimlog_http_seconds_count{status="401"}[5m]))',
                "{{service}}",
            ),
            Panel(
                "Without the scope (403)",
                "reqps",
                'sum by (service, route) (rate(claimlog_http_seconds_count{status="403"}[5m]))',
                "{{service}} {{route}}",
            ),
            Panel(
                "Too many requests, too large bodies (429, 413)",
                "reqps",
                'sum by (service, status) (rate(claimlog_http_seconds_count{status=~"429|413"}[5m]))',
                "{{service}} {{status}}",
            ),
            Panel(
                "Records of nobody's that stood on our topics",
                "short",
                "sum by (service) (increase(claimlog_records_skipped_total[1h]))",
                "{{service}}",
            ),
        ),
    ),
}


def board(name: str) -> Mapping[str, Any]:
    """Return a board as Grafana reads it."""
    title, panels = BOARDS[name]
    return {
        "uid": f"claimlog-{name}",
        "title": f"claimlog \u2013 {title}",
        "tags": ["claimlog"],
        "schemaVersion": 41,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": [_panel(place, panel) for place, panel in enumerate(panels)],
    }


def _panel(place: int, panel: Panel) -> Mapping[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    row, column = divmod(place, 2)
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.about,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": panel.asked, "legendFormat": panel.legend}],
    }


def text(name: str) -> str:
    """Return the file of a board."""
    return json.dumps(board(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all boards."""
    for name in BOARDS:
        (FOLDER / f"{name}.json").write_text(text(name), encoding="utf-8")
    print(f"{len(BOARDS)} boards")


if __name__ == "__main__":
    main()
