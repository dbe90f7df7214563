"""The documents of the HTTP interfaces say what the code says, and what they say holds together."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from shared.runtime.definition import Service
from shared.runtime.problems import status_of
from shared.runtime.vocabulary import is_of_models
from tools.service_values import services
from tools.write_openapi import documents, file_of, text_of
from tools.write_problems_doc import errors

EACH = pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
Json = Mapping[str, Any]


def operations(service: Service) -> Iterator[tuple[str, Json]]:
    """Yield every operation of a document by method and path."""
    for path, item in documents()[service.name]["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


@EACH
def test_the_document_is_the_one_that_the_code_writes(service: Service) -> None:
    assert file_of(service).read_text(encoding="utf-8") == text_of(service), "run `make contracts`"


def fields(service: Service) -> Iterator[tuple[str, Json, Json]]:
    """Yield every property and parameter: where it is, what describes it, its schema."""
    document = documents()[service.name]
    for name, schema in document["components"]["schemas"].items():
        for field, each in schema.get("properties", {}).items():
            yield f"{name}.{field}", each, each
    for name, operation in operations(service):
        for each in operation.get("parameters", ()):
            found = document["components"]["parameters"][each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
            yield f"{name}?{found['name']}", found, found["schema"]


@EACH
def test_every_schema_field_and_parameter_says_what_it_is_with_an_example(service: Service) -> None:
    schemas = documents()[service.name]["components"]["schemas"]

    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert [name for name, said, _ in fields(service) if not said.get("description") and "$ref" not in said] == []
    assert [
        name for name, _, schema in fields(service) if not schema.get("examples") and not is_of_models(schema)
    ] == []


@EACH
def test_every_example_is_what_its_schema_asks_for(service: Service) -> None:
    components = {"components": documents()[service.name]["components"]}

    wrong = {
        name: error.message
        for name, _, schema in fields(service)
        for example in schema.get("examples", ())
        for error in Draft202012Validator({**components, **schema}, format_checker=FormatChecker()).iter_errors(example)
    }

    assert wrong == {}


@EACH
def test_every_operation_names_its_scope_and_the_open_ones_none(service: Service) -> None:
    access = {**service.api().access, **COMMON_ACCESS}

    for name, operation in operations(service):
        scopes = [{"bearer": [access[name].scope]}] if name not in OPEN_ROUTES else []
        assert operation["security"] == scopes, name


@EACH
def test_operations_have_names_of_their_own(service: Service) -> None:
    counted = Counter(operation["operationId"] for _, operation in operations(service))

    assert [name for name, count in counted.items() if count > 1] == []


@EACH
def test_statuses_beside_slugs_in_docstrings_are_those_of_the_slugs(service: Service) -> None:
    status_by_slug = {error.slug: status_of(error) for error in errors()}

    for route in service.api().router.routes:
        _, _, said = (getattr(route, "endpoint", None).__doc__ or "").partition("**Errors**:")
        status = 0
        for number, slug in re.findall(r"\b([45]\d\d)\b|`([a-z0-9-]+)`", said):
            status = int(number) if number else status
            assert not slug or status_by_slug[slug] == status, f"{route} {slug}"


@EACH
def test_links_lead_to_operations_with_all_that_their_paths_name(service: Service) -> None:
    paths = {operation["operationId"]: name.split()[1] for name, operation in operations(service)}

    for _, operation in operations(service):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                assert set(link["parameters"]) == set(re.findall(r"\{(\w+)\}", paths[link["operationId"]]))


def test_who_has_created_something_is_led_to_it() -> None:
    links = {
        operation["operationId"]: answer.get("links", {})
        for service in services()
        for _, operation in operations(service)
        for status, answer in operation["responses"].items()
        if status in {"200", "201"}
    }

    assert links["post-patients"]["get-patients-patient-id"]["parameters"] == {
        "patient_id": "$response.body#/patient_id"
    }
    assert "post-patients-patient-id-coverages" in links["post-patients"]
    assert "post-appointments-appointment-id-check-ins" in links["post-appointments"]
    assert "get-encounters-encounter-id" in links["post-encounters"]
    assert "get-fee-schedules-fee-schedule-id" in links["post-fee-schedules"]
    assert links["post-remittances"]["get-remittances-remittance-id"]["parameters"] == {
        "remittance_id": "$response.body#/remittances/0/remittance_id"
    }
