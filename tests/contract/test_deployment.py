"""The manifests of deploy/k8s say what the programs know, and each alert has the page that says what to do."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from apps.cli.main import loaded
from apps.console.settings import PREFIX as CONSOLE_PREFIX
from apps.console.settings import Settings as ConsoleSettings
from apps.embedded.settings import SERVICES
from shared.runtime.log_kafka import KEPT_FOR_EVER
from tools.images import ROOT
from tools.write_deployment import K8S, PARTITIONS, pages

BASE: Final = K8S / "base"
CONSOLE: Final = K8S / "overlays" / "dev" / "console.yaml"
RUNBOOKS: Final = ROOT / "docs" / "runbooks"
METRICS: Final = set(
    re.findall(r"^\| `(claimlog_\w+)` \|", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
)
METRICS_OF_OTHERS: Final = {
    "up",  # Prometheus
    "container_cpu_usage_seconds_total", "container_memory_working_set_bytes",  # kubelet
    "kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes",
    "kube_pod_container_resource_limits",  # kube-state-metrics
}  # fmt: skip
METRIC: Final = re.compile(r"\b(?:claimlog|container|kube|kubelet|cnpg|process)_\w+|\bup\b")
SECTIONS: Final = ["## Look", "## Mend", "## Escalate"]


def objects(*names: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of files of the base."""
    for name in names:
        yield from yaml.safe_load_all((BASE / name).read_text(encoding="utf-8"))


def alerts() -> dict[str, dict[str, Any]]:
    (rules,) = objects("alerts.yaml")
    return {rule["alert"]: rule for group in rules["spec"]["groups"] for rule in group["rules"]}


def told(service: str) -> dict[str, str]:
    lines = (BASE / f"{service}.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_files_of_services_are_those_that_are_written(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pages()[path], "run `make contracts`"


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_ones_that_exist_and_name_files_that_are_mounted(service: str, tmp_path: Path) -> None:
    module = import_module(f"services.{service}.settings")
    deployment = next(each for each in objects(f"{service}.yaml") if each["kind"] == "Deployment")
    sources = deployment["spec"]["template"]["spec"]["volumes"][0]["projected"]["sources"]
    mounted = {f"/run/secrets/claimlog/{item['path']}" for each in sources for item in each["secret"]["items"]}
    (tmp_path / "secret").write_text("postgresql://somewhere")
    given = {
        key: str(tmp_path / "secret") if key.endswith("_URL_FILE") else value for key, value in told(service).items()
    }
    settings = module.Settings.read(module.PREFIX, given)

    assert settings.database_url == settings.keys_database_url == "postgresql://somewhere"
    assert settings.topic_partitions == PARTITIONS
    named = set(re.findall(r"/run/secrets/claimlog/[\w./-]+", "\n".join(told(service).values())))
    assert named == mounted


@pytest.mark.parametrize("service", SERVICES)
def test_pods_run_programs_and_are_asked_where_these_answer(service: str) -> None:
    deployments = {
        each["metadata"]["name"]: each for each in objects(f"{service}.yaml") if each["kind"] == "Deployment"
    }

    assert set(deployments) == {f"{service}-api", f"{service}-worker"}
    for deployment in deployments.values():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (port,) = container["ports"]
        assert all(import_module(word) for word in container["args"][:2])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = "/readyz" if probe == "readinessProbe" else "/healthz"
            assert container[probe]["httpGet"] == {"path": path, "port": port["name"]}
    api, worker = (each["spec"]["template"]["spec"]["containers"][0] for each in deployments.values())
    assert api["args"][2:] == ["--address", f"0.0.0.0:{api['ports'][0]['containerPort']}"]
    assert (
        told(service)[f"CLAIMLOG_{service.upper()}_METRICS_ADDRESS"] == f"0.0.0.0:{worker['ports'][0]['containerPort']}"
    )


def test_the_console_is_told_where_services_answer_and_has_the_key_that_it_signs_with() -> None:
    found = {
        (each["kind"], each["metadata"]["name"]): each["spec"]
        for each in yaml.safe_load_all(CONSOLE.read_text(encoding="utf-8"))
        if "spec" in each
    }
    console = found["Deployment", "console"]
    (container,) = console["template"]["spec"]["containers"]
    settings = ConsoleSettings.read(CONSOLE_PREFIX, {each["name"]: each["value"] for each in container["env"]})
    (source,) = console["template"]["spec"]["volumes"][0]["projected"]["sources"]

    assert settings.urls == {service: f"http://{service}" for service in SERVICES}
    assert str(settings.issuer_file) == f"/run/secrets/claimlog/{source['secret']['items'][0]['path']}"
    assert all(import_module(word) for word in container["args"][:2])
    assert (console["replicas"], console["strategy"]) == (1, {"type": "Recreate"}), "sessions are in memory"
    (reached,) = found["NetworkPolicy", "console"]["egress"]
    assert reached["to"] == [{"podSelector": found["NetworkPolicy", "from-console"]["podSelector"]}]
    names, kinds = found["NetworkPolicy", "from-console"]["podSelector"]["matchExpressions"]
    assert (sorted(names["values"]), kinds["values"]) == (sorted(SERVICES), ["api"])


def test_no_right_is_given_for_all_topics_and_internal_ones_are_their_owners() -> None:
    for service in SERVICES:
        (user,) = (each for each in objects(f"{service}.yaml") if each["kind"] == "KafkaUser")
        acls = user["spec"]["authorization"]["acls"]
        names = [acl["resource"]["name"] for acl in acls]
        written = [acl["resource"]["name"] for acl in acls if "Write" in acl["operations"]]

        assert {acl["resource"]["patternType"] for acl in acls} == {"literal"}
        assert [name for name in names if name.endswith(".internal")] == [f"claimlog.{service}.internal"]
        assert written == [f"claimlog.{service}", f"claimlog.{service}.internal"]


def test_topics_keep_facts_for_ever_as_services_ask_before_they_use_one() -> None:
    topics = [each for name in SERVICES for each in objects(f"{name}.yaml") if each["kind"] == "KafkaTopic"]

    assert len(topics) == 2 * len(SERVICES)
    for topic in topics:
        config = {key: str(value) for key, value in topic["spec"]["config"].items()}
        assert config.items() >= KEPT_FOR_EVER.items()
        assert (topic["spec"]["partitions"], topic["spec"]["replicas"]) == (PARTITIONS, 3)


def test_there_are_never_more_workers_than_partitions() -> None:
    scaled = [each["spec"] for name in SERVICES for each in objects(f"{name}.yaml") if each["kind"] == "ScaledObject"]

    assert len(scaled) == len(SERVICES)
    for each in scaled:
        down = each["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        assert 1 <= each["minReplicaCount"] < each["maxReplicaCount"] <= PARTITIONS
        assert down["stabilizationWindowSeconds"] >= 300


def test_what_alerts_and_scalers_ask_for_is_told_by_somebody() -> None:
    asked = {rule["expr"] for rule in alerts().values()}
    asked |= {
        trigger["metadata"]["query"]
        for name in SERVICES
        for each in objects(f"{name}.yaml")
        if each["kind"] == "ScaledObject"
        for trigger in each["spec"]["triggers"]
    }
    metrics = {re.sub(r"_(count|bucket|sum)$", "", metric) for text in asked for metric in METRIC.findall(text)}

    assert metrics - METRICS - METRICS_OF_OTHERS == set()
    assert metrics & METRICS


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    linked = {name: rule["annotations"]["runbook_url"] for name, rule in alerts().items()}
    pages_there = {f"docs/runbooks/{path.name}" for path in RUNBOOKS.glob("*.md")} - {"docs/runbooks/README.md"}

    assert set(linked.values()) == pages_there
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for name, page in linked.items():
        lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
        assert lines[0] == f"# {name}"
        assert [line for line in lines if line.startswith("## ")] == SECTIONS
        assert f"[{name}]({Path(page).name})" in index


def test_commands_of_pages_exist() -> None:
    commands = {
        command
        for path in RUNBOOKS.glob("*.md")
        for command in re.findall(r"(?:\$ |`)(claimlog [a-z][^`\n]*)", path.read_text(encoding="utf-8"))
    }

    assert commands
    for command in commands:
        _, name, *words = command.split()
        asked = loaded(name)
        while hasattr(asked, "commands") and words:
            asked = asked.commands[words.pop(0)]
        options = {option for parameter in asked.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, command
