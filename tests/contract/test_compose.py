"""docker-compose.yml says nothing that the programs do not know: variables, secrets, databases, addresses."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from apps.console.settings import PREFIX as CONSOLE
from apps.console.settings import Settings as ConsoleSettings
from apps.embedded.settings import SERVICES
from apps.simulator.settings import PREFIX as SIMULATOR
from apps.simulator.settings import Settings as SimulatorSettings
from tools.compose import prepare
from tools.images import IMAGES, ROOT

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
FILES: Final = ROOT / "deploy" / "compose"
PROGRAMS: Final = {name: told for name, told in COMPOSE["services"].items() if told["image"].startswith("claimlog/")}
OF_SERVICES: Final = [f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker")]


def test_it_is_a_compose_file() -> None:
    schema = json.loads((ROOT / "deploy" / "schemas" / "compose-spec.json").read_text(encoding="utf-8"))

    assert [
        f"{each.json_path}: {each.message}" for each in jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE)
    ] == []


def test_every_service_is_there_as_api_and_worker_and_so_are_console_and_simulator() -> None:
    assert set(PROGRAMS) == {*OF_SERVICES, "console", "simulator"}
    for name, told in PROGRAMS.items():
        image = name.partition("-")[0]
        assert told["image"] == f"claimlog/{image}:dev"
        assert told["build"]["args"].items() <= IMAGES[image].items()
        assert (told["read_only"], told["cap_drop"]) == (True, ["ALL"])


@pytest.mark.parametrize("name", OF_SERVICES)
def test_every_variable_is_a_setting(name: str, tmp_path: Path) -> None:
    service = name.partition("-")[0]
    module = import_module(f"services.{service}.settings")
    prepare(tmp_path)
    mounted = {f"/run/secrets/{each.name}": str(each) for each in (tmp_path / "secrets").iterdir()}
    told = {key: mounted.get(value, value) for key, value in PROGRAMS[name]["environment"].items()}
    settings = module.Settings.read(module.PREFIX, told)

    assert settings.database_url.endswith(f"@postgres/claimlog_{service}")
    assert (settings.tenant_id, settings.log_url) == ("demo", "kafka://kafka:9092")
    assert all(key.startswith(module.PREFIX) for key in told)
    given = {value.removeprefix("/run/secrets/") for value in PROGRAMS[name]["environment"].values()}
    assert set(PROGRAMS[name]["secrets"]) == given & set(COMPOSE["secrets"])


def test_what_the_simulator_is_told_are_its_settings() -> None:
    settings = SimulatorSettings.read(SIMULATOR, PROGRAMS["simulator"]["environment"])

    assert (
        f"http://simulator:{settings.port}"
        == PROGRAMS["claims-api"]["environment"]["CLAIMLOG_CLAIMS_CLEARINGHOUSE_URL"]
    )


def test_what_the_console_is_told_leads_to_the_services() -> None:
    settings = ConsoleSettings.read(CONSOLE, PROGRAMS["console"]["environment"])

    assert settings.urls == {service: f"http://{service}-api:8000" for service in SERVICES}
    assert [f"/run/secrets/{each}" for each in PROGRAMS["console"]["secrets"]] == [str(settings.issuer_file)]


def test_every_secret_is_made(tmp_path: Path) -> None:
    prepare(tmp_path)
    before = {path.name: path.read_text(errors="replace") for path in (tmp_path / "secrets").iterdir()}
    prepare(tmp_path)
    after = {path.name: path.read_text(errors="replace") for path in (tmp_path / "secrets").iterdir()}

    assert set(before) == set(COMPOSE["secrets"])
    assert all(f"./var/compose/secrets/{name}" == told["file"] for name, told in COMPOSE["secrets"].items())
    assert {name for name in before if before[name] != after[name]} == {"coding-token"}


def test_every_program_runs_a_module_and_is_asked_whether_it_is_well() -> None:
    for name, told in PROGRAMS.items():
        program, *words = told["command"]
        assert import_module(program)
        assert all(import_module(word) for word in words if word.startswith("services."))
        (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", told["healthcheck"]["test"][-1])
        kind = "api" if name == "console" else name.partition("-")[2]
        assert asked == {"api": ("8000", "/readyz"), "worker": ("9000", "/healthz"), "": ("8090", "/healthz")}[kind]


def test_databases_and_targets_are_those_of_the_services() -> None:
    made = re.findall(r"create database (\w+);", (FILES / "databases.sql").read_text(encoding="utf-8"))
    asked = yaml.safe_load((FILES / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    targets = [each for job in asked for config in job["static_configs"] for each in config["targets"]]

    assert sorted(made) == sorted(f"claimlog_{name}" for name in (*SERVICES, "keys"))
    assert {each.partition(":")[0] for each in targets} == set(OF_SERVICES)


def test_prometheus_has_the_alerts_of_a_cluster_under_the_names_that_these_ask_for() -> None:
    asked = yaml.safe_load((FILES / "prometheus.yml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((FILES / "alerts.yml").read_text(encoding="utf-8"))
    exprs = " ".join(rule["expr"] for group in rules["groups"] for rule in group["rules"])
    mounted = {each.split(":")[1] for each in COMPOSE["services"]["prometheus"]["volumes"]}

    assert {f"/etc/prometheus/{name}" for name in (*asked["rule_files"], "prometheus.yml")} <= mounted
    assert set(re.findall(r'job=~"([^"]+)"', exprs)) == {job["job_name"] for job in asked["scrape_configs"]}
    assert not re.search(r"\b(kube|kubelet|container)_", exprs), "nobody measures that here"


def test_every_image_of_others_has_a_tag_and_every_profile_is_known() -> None:
    for told in COMPOSE["services"].values():
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d[\w.]*(@sha256:[0-9a-f]{64})?|claimlog/[a-z]+:dev", told["image"])
        assert set(told["profiles"]) <= {"core", "ops"}
        assert "no-new-privileges:true" in told["security_opt"]
