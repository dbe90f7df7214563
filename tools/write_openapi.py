"""Write docs/openapi: what each service offers over HTTP, as an OpenAPI 3.1 document.

    .venv/bin/python -m tools.write_openapi

Everything in it follows from routes, models and route tables; `tests/contract/test_openapi.py` compares.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared.runtime.definition import Service
from shared.runtime.http import http_app
from tools.service_values import ROOT, services

FOLDER: Final = ROOT / "docs" / "openapi"


@cache
def documents() -> Mapping[str, Mapping[str, Any]]:
    """Return the documents by name of the service."""
    return {service.name: http_app(service).openapi() for service in services()}


def text_of(service: Service) -> str:
    """Return the document as it is kept. **Shape**: a line for each word of it, so that a diff shows fields."""
    return json.dumps(documents()[service.name], indent=1, ensure_ascii=False) + "\n"


def file_of(service: Service) -> Path:
    """Return where the document is kept."""
    return FOLDER / f"{service.name}.json"


def write() -> None:
    """Write the documents of all services."""
    FOLDER.mkdir(exist_ok=True)
    for service in services():
        file_of(service).write_text(text_of(service), encoding="utf-8")


if __name__ == "__main__":
    write()
    print(f"{len(services())} documents in {FOLDER.relative_to(ROOT)}")
