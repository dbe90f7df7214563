"""Each service answers as its document says, whatever it is asked: schemathesis, every check that it has.

A service over a store in memory, behind a real socket, with real tokens; all requests come from docs/openapi, and most
of them name what `standing.py` put there: each operation must have done what it is for at least once. The routes that
every service has are tried with one of them. `make fuzzer` makes the environment. `make test` takes the cases at every
limit of a document and 100 random examples of each operation, `make contract-deep` takes 500.
"""

import asyncio
import json
import os
import re
from asyncio.subprocess import PIPE, STDOUT
from collections import Counter
from dataclasses import replace
from pathlib import Path
from socket import create_server
from typing import Final

import pytest

from shared.runtime.common_routes import COMMON_ACCESS
from shared.runtime.definition import Service
from shared.runtime.host import Host
from shared.runtime.http import http_app
from shared.runtime.metrics import REQUESTS
from shared.runtime.serving import served
from tests.integration.http.standing import Standing, files, standing
from tests.support.memory import ISSUER, running, token
from tools.service_values import ROOT, services
from tools.write_openapi import file_of

FUZZER: Final = ROOT / ".venv-fuzzer" / "bin" / "python"
CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
HOOKS: Final = Path(__file__).with_name("hooks.py")
EXAMPLES: Final = int(os.environ.get("CLAIMLOG_EXAMPLES", "100"))  # noqa: TID251 (a switch of the test run itself)
SEED: Final = os.environ.get("CLAIMLOG_SEED", "20260303")  # noqa: TID251 (a switch of the test run itself)
SECONDS_MAX: Final = 3_600
WITH_COMMON_ROUTES: Final = "payments"
OVER_A_DATABASE: Final = "/v1/status"
"""What a store in memory has no answer to; tests/integration/operate asks it."""
_REQUIRED: Final = "CLAIMLOG_REQUIRE_FUZZER"

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(
        not FUZZER.exists() and _REQUIRED not in os.environ,  # noqa: TID251 (there absence is a failure)
        reason="make fuzzer",
    ),
]


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_every_answer_is_one_that_the_document_has(service: Service, tmp_path: Path) -> None:
    settings = service.settings.model_copy(update={"consistent_within_seconds": 0.005})
    async with running(replace(service, settings=settings)) as svc:
        hand_over(await standing(svc), tmp_path)
        before = answered(service)
        app = http_app(svc.engine.service, Host(engine=svc.engine, verifier=ISSUER.verifier()))
        with create_server(("127.0.0.1", 0)) as listener:
            async with served(app, listener):
                ended, said = await tried(service, listener.getsockname()[1], tmp_path)

    assert ended == 0, f"seed {SEED}\n{''.join(re.split(r'(= (?:ERRORS|FAILURES) )', said, maxsplit=1)[1:])}"
    assert re.search(r"\d+ generated, \d+ passed", said), said
    assert operations(service) - (answered(service) - before).keys() == set(), "nobody got what they asked for"


async def tried(service: Service, port: int, folder: Path) -> tuple[int, str]:
    """Try a service out; return the exit code and what was said."""
    program = await asyncio.create_subprocess_exec(
        *(str(FUZZER), "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run", str(file_of(service))),
        *("--url", f"http://127.0.0.1:{port}", "-H", f"Authorization: Bearer {token(service)}", "--no-color"),
        *("--checks", "all", "--max-examples", str(EXAMPLES), "--seed", SEED),
        *(f"--exclude-path={each}" for each in sorted(left_out(service))),
        cwd=folder,  # it leaves what it learned there
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS), "CLAIMLOG_STANDING": str(folder)},  # noqa: TID251 (handed on)
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(SECONDS_MAX):
        said, _ = await program.communicate()
    return program.returncode or 0, said.decode()


def hand_over(objects: Standing, folder: Path) -> None:
    """Write down what stands there, and files that may be sent, as `hooks.py` reads them."""
    folder.joinpath("objects.json").write_text(json.dumps(objects))
    for media_type, contents in files().items():
        of_type = folder / media_type.rpartition("/")[2]
        of_type.mkdir()
        for number, content in enumerate(contents):
            of_type.joinpath(f"{number:03}").write_bytes(content)


def operations(service: Service) -> set[str]:
    """Return what is tried, as the route table names it."""
    paths = json.loads(file_of(service).read_bytes())["paths"]
    return {f"{method.upper()} {path}" for path in paths.keys() - left_out(service) for method in paths[path]}


def answered(service: Service) -> Counter[str]:
    """Return how often each operation was answered with what was asked for, by this process so far."""
    found: Counter[str] = Counter()
    for metric in REQUESTS.collect():
        for each in metric.samples:
            if each.name.endswith("_count") and each.labels["service"] == service.name:
                found[each.labels["route"]] += int(each.value) * each.labels["status"].startswith("2")
    return found


def left_out(service: Service) -> set[str]:
    return {OVER_A_DATABASE} if service.name == WITH_COMMON_ROUTES else common_paths()


def common_paths() -> set[str]:
    return {name.split()[1] for name in COMMON_ACCESS} | {"/healthz", "/readyz"}
