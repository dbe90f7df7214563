"""Write deploy/k8s/base/<service>.yaml and .env: five services alike, each with what it reads and publishes.

    .venv/bin/python -m tools.write_deployment

docker-compose.yml gets the alerts of a cluster too, but for those about machines, which only a cluster measures.

Topics and access rules follow from what services react to, so that a new reaction cannot forget its right to read;
`tests/contract/test_deployment.py` compares. All else of deploy/k8s is written by hand.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.runtime.definition import Service
from shared.runtime.log import topic_of
from shared.runtime.wiring import Wiring
from tools.service_values import ROOT, services

K8S: Final = ROOT / "deploy" / "k8s"
COMPOSE: Final = ROOT / "deploy" / "compose"
PARTITIONS: Final = 12
"""Of every topic of a cluster, for ever: two for each worker that KEDA may start."""
_PREFIX: Final = "claimlog"
_FIRST_BACKUP_HOUR: Final = 1


def pages() -> Mapping[Path, str]:
    """Return the files by their place."""
    templates = Environment(loader=FileSystemLoader(K8S), undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701 (no HTML)
    found = {}
    for hour, service in enumerate(services(), start=_FIRST_BACKUP_HOUR):
        values = {**_values(service), "hour": hour}
        found[K8S / "base" / f"{service.name}.yaml"] = templates.get_template("service.yaml.jinja").render(values)
        found[K8S / "base" / f"{service.name}.env"] = templates.get_template("settings.env.jinja").render(values)
    keys = templates.get_template("database.yaml.jinja").render(name="keys", hour=0)
    found[K8S / "base" / "keys.yaml"] = _KEYS_HEAD + keys
    found[COMPOSE / "alerts.yml"] = _ALERTS_HEAD + _alerts()
    return found


def _alerts() -> str:
    """Return the rules that need no measures of Kubernetes."""
    groups = yaml.safe_load((K8S / "base" / "alerts.yaml").read_text(encoding="utf-8"))["spec"]["groups"]
    chosen = [group for group in groups if group["name"] != "claimlog-machine"]
    return yaml.safe_dump({"groups": chosen}, sort_keys=False, width=120)


_KEYS_HEAD: Final = """\
# The data keys of patients, in a database of their own. Written by `python -m tools.write_deployment`; do not edit.
"""
_ALERTS_HEAD: Final = """\
# The alerts of deploy/k8s/base/alerts.yaml. Written by `python -m tools.write_deployment`; do not edit.
"""


def _values(service: Service) -> Mapping[str, object]:
    return {
        "service": service.name,
        "partitions": PARTITIONS,
        "topics": [topic_of(_PREFIX, service.name, public=public) for public in (True, False)],
        "read": [topic_of(_PREFIX, each, public=True) for each in sorted(Wiring(service).foreign_producers)],
    }


def main() -> None:
    """Write the files."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
