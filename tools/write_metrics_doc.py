"""Write docs/metrics.md: every metric with its kind, labels and meaning, and what a trace holds.

    .venv/bin/python -m tools.write_metrics_doc

Everything in the tables follows from the registry, the gauges and the services' own measures;
`tests/contract/test_docs.py` compares.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.runtime.gauges import GAUGES
from shared.runtime.metrics import COUNTED, KINDS, OUTCOMES
from shared.runtime.tracing import ALLOWED
from tools.service_values import ROOT, services

PAGE: Final = ROOT / "docs" / "metrics.md"
HEAD: Final = f"""\
# Metrics

Written by `python -m tools.write_metrics_doc`; do not edit. `GET /metrics` of each service needs no token, so keep it
inside your network; no label holds an id, a tenant or a person. A worker that runs as a process of its own shows what
it counted at `CLAIMLOG_<SERVICE>_METRICS_ADDRESS`, and there `/healthz` and `/readyz` (unlike the API it is not ready
while the log is away, or a job waits for a person); what the database says is asked by the API when it is scraped, at
most every few seconds and within two, also while the worker is away.

`kind` is {" or ".join(KINDS)}; `outcome` is one of {", ".join(OUTCOMES)}.
A lag that grows, a partition that is stopped, a read model that is broken, records that are parked, effects that are
unknown, a clearing account that is not 0: each asks for a person, and `claimlog status` and `claimlog doctor` say more.

| Counted as it happens | Type | Labels | Means |
|---|---|---|---|
"""
ASKED: Final = """
| Asked at a scrape (gauges) | Labels | Means |
|---|---|---|
"""
TRACES: Final = """
## Traces

Off by default. `CLAIMLOG_<SERVICE>_TRACES_TO` names where spans go: `console`, or the address of an OTLP collector
(`http://collector:4318/v1/traces`). A span is one request, or one record that was taken from a topic. All that a
request led to, in whatever service, is one trace: its id is the correlation id, a caller's `traceparent` is taken up,
and a record carries its own. Nothing but these attributes is in a span: {}.

## A line for each decision

Off by default, because small commands are then about half as fast. `CLAIMLOG_<SERVICE>_DECISIONS_LOGGED=true` logs
for each unit which commands were decided, on what kind of stream, what came of it (`added`, `nothing`, or the slug of
the refusal), how many facts it added, and the correlation id.
"""


def page() -> str:
    """Return the page."""
    traces = TRACES.format(", ".join(f"`{each}`" for each in sorted(ALLOWED)))
    return HEAD + "".join(_counted()) + ASKED + "".join(_asked()) + traces


def _counted() -> Iterator[str]:
    for metric in COUNTED:
        (family,) = metric.describe()
        total = "_total" if family.type == "counter" else ""
        labels = ", ".join(vars(metric)["_labelnames"])  # the library tells labels only of values that exist
        yield f"| `{family.name}{total}` | {family.type} | {labels} | {family.documentation} |\n"


def _asked() -> Iterator[str]:
    for name, told in GAUGES.items():
        yield f"| `{name}` | {', '.join(('service', *told.labels))} | {told.about} |\n"
    for service in services():
        for measure in service.measures:
            yield f"| `claimlog_{service.name}_{measure.name}` | service | {measure.about} |\n"


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
    print(PAGE.name)
