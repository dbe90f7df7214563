"""The documents of the HTTP interfaces say what the code says, and what they say holds together."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from shared.runtime.definition import Service
from shared.runtime.problems import status_of
from tools.service_values import services
from tools.write_openapi import documents, file_of, text_of
from tools.write_problems_doc import errors

EACH = pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
Operation = Mapping[str, Any]


def operations(service: Service) -> Iterator[tuple[str, Operation]]:
    """Yield every operation of a document by method and path."""
    for path, item in documents()[service.name]["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


@EACH
def test_the_document_is_the_one_that_the_code_writes(service: Service) -> None:
    assert file_of(service).read_text(encoding="utf-8") == text_of(service), "run `make contracts`"


@EACH
def test_every_operation_names_its_scope_and_the_open_ones_none(service: Service) -> None:
    access = {**service.access, **COMMON_ACCESS}

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

    for route in service.router.routes:
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
