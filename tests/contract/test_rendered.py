"""What Kustomize makes of deploy/k8s, judged by schemas of Kubernetes and of operators, by checkov and by promtool.

Skipped where a judge is missing (`make deploy-tools`), unless CLAIMLOG_REQUIRE_DEPLOY=1 says that it must be there.
"""

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from apps.embedded.settings import SERVICES
from tools.images import DOCKERFILE, ROOT

OVERLAYS: Final = ("dev", "prod")
SCHEMAS: Final = ROOT / "deploy" / "schemas"
TOOLS: Final = ROOT / ".venv-deploy" / "bin"
KUBERNETES: Final = "1.34"


def judge(name: str) -> str:
    """Return where a program is."""
    found = shutil.which(name, path=str(TOOLS)) or shutil.which(name)
    if found is None:
        said = f"{name} is missing: make deploy-tools; promtool is in Debian's package prometheus"
        if os.environ.get("CLAIMLOG_REQUIRE_DEPLOY") == "1":  # noqa: TID251 (a switch of the test run itself)
            pytest.fail(said)
        pytest.skip(said)
    return found


def said(*words: str | Path, wanted: int = 0) -> str:
    """Return what a judge says, whose verdict must be the one that is wanted."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 (arguments of ours)
    assert done.returncode == wanted, done.stdout + done.stderr
    return done.stdout


@cache
def rendered(overlay: str) -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load_all(said(judge("kustomize"), "build", ROOT / "deploy" / "k8s" / "overlays" / overlay)))


def schema_of(made: dict[str, Any]) -> Path:
    return SCHEMAS / f"{made['apiVersion'].replace('/', '_')}_{made['kind']}.json"


def is_of_operator(made: dict[str, Any]) -> bool:
    group = made["apiVersion"].partition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def strict(schema: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a schema that refuses fields that it does not know; the server drops them without a word."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: strict(each) for name, each in schema.items()}
    is_open = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    known = isinstance(schema.get("properties"), dict) and "type" in schema
    return {**inner, "additionalProperties": False} if known and not is_open else inner


def wrong(made: dict[str, Any]) -> list[str]:
    """Return what is wrong with an object of an operator."""
    schema = strict(json.loads(schema_of(made).read_text(encoding="utf-8")))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(made)
    return [f"{made['kind']} {made['metadata']['name']}: {each.json_path}: {each.message}" for each in errors]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_objects_of_kubernetes_are_as_its_schemas_say(overlay: str, tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(each for each in rendered(overlay) if not is_of_operator(each)))
    told = said(judge("kubernetes-validate"), "--strict", "-k", KUBERNETES, file)

    assert "WARN" not in told


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_objects_of_operators_are_as_their_published_schemas_say(overlay: str) -> None:
    found = [each for each in rendered(overlay) if is_of_operator(each)]

    assert {each["kind"] for each in found} >= {"Cluster", "Kafka", "KafkaTopic", "KafkaUser", "ScaledObject"}
    assert [error for each in found for error in wrong(each)] == []


def test_a_field_that_no_operator_knows_is_found() -> None:
    made = next(each for each in rendered("prod") if each["kind"] == "Cluster")
    made = {**made, "spec": {**made["spec"], "instance": 3}}

    assert any("'instance' was unexpected" in error for error in wrong(made))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_in_the_cell_of_the_overlay(overlay: str) -> None:
    found = rendered(overlay)

    assert {each["metadata"].get("namespace") for each in found if each["kind"] != "Namespace"} == {"claimlog"}


def test_pods_and_image_pass_every_check_that_is_not_excused(tmp_path: Path) -> None:
    for overlay in OVERLAYS:
        (tmp_path / f"{overlay}.yaml").write_text(yaml.safe_dump_all(rendered(overlay)))
    shutil.copy(DOCKERFILE, tmp_path / "Dockerfile")
    words = ("-d", tmp_path, "--framework", "kubernetes", "dockerfile", "--skip-download", "--quiet", "-o", "json")
    reports = json.loads(said(judge("checkov"), *words))

    assert {report["check_type"] for report in reports} == {"kubernetes", "dockerfile"}
    for report in reports:
        assert [f"{each['check_id']} {each['resource']}" for each in report["results"]["failed_checks"]] == []
        assert report["summary"]["passed"] > 0


def test_pods_of_production_have_a_token_for_key_management_and_no_key_of_development() -> None:
    deployments = [each for each in rendered("prod") if each["kind"] == "Deployment"]
    told = {
        key: value for each in rendered("prod") if each["kind"] == "ConfigMap" for key, value in each["data"].items()
    }

    assert len(deployments) == 2 * len(SERVICES)
    for each in deployments:
        sources = each["spec"]["template"]["spec"]["volumes"][0]["projected"]["sources"]
        mounted = {f"/run/secrets/claimlog/{item['path']}" for source in sources for item in source["secret"]["items"]}
        prefix = f"CLAIMLOG_{each['metadata']['labels']['app.kubernetes.io/name'].upper()}_"
        assert {told[f"{prefix}KMS_TOKEN_FILE"], told[f"{prefix}KMS_CA_FILE"]} <= mounted
        assert told[f"{prefix}KMS_URL"].startswith("https://")
        assert told[f"{prefix}KMS_KEY_FILE"] not in mounted


def test_people_are_let_in_by_a_chosen_name_in_development_alone() -> None:
    programs = {
        overlay: {each["metadata"]["name"] for each in rendered(overlay) if each["kind"] == "Deployment"}
        for overlay in OVERLAYS
    }

    assert programs["dev"] - programs["prod"] == {"console", "simulator"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_check_that_is_excused_has_a_reason_beside_it(overlay: str) -> None:
    excuses = [
        text
        for made in rendered(overlay)
        for name, text in made["metadata"].get("annotations", {}).items()
        if name.startswith("checkov.io/skip")
    ]

    assert excuses
    assert all(re.fullmatch(r"CKV2?_K8S_\d+=.{20,}", text) for text in excuses)


def test_dockerfile_has_nothing_that_hadolint_finds() -> None:
    said(judge("hadolint"), DOCKERFILE)


def test_rules_of_alerts_can_be_evaluated(tmp_path: Path) -> None:
    (rules,) = (each for each in rendered("prod") if each["kind"] == "PrometheusRule")
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": rules["spec"]["groups"]}))

    assert "SUCCESS" in said(judge("promtool"), "check", "rules", file)


def test_prometheus_of_compose_takes_its_configuration_and_rules() -> None:
    told = said(judge("promtool"), "check", "config", ROOT / "deploy" / "compose" / "prometheus.yml")

    assert re.search(r"SUCCESS: \d+ rules found", told)
