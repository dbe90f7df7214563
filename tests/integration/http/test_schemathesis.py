"""Each service answers as its document says, whatever it is asked: schemathesis, every check that it has.

A service over a store in memory, behind a real socket, with real tokens; all requests come from docs/openapi. The
routes that every service has are tried with one of them. `make fuzzer` makes the environment. `make test` takes the
cases at every limit of a document and 20 random examples of each operation, because 100 take four minutes of two cores;
`make contract-deep` takes 500.
"""

import asyncio
import os
import re
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import replace
from pathlib import Path
from socket import create_server
from typing import Final

import pytest

from shared.runtime.common_routes import COMMON_ACCESS
from shared.runtime.definition import Service
from shared.runtime.hosting import Host
from shared.runtime.http import http_app
from shared.runtime.serving import served
from tests.support.memory import ISSUER, running, token
from tools.service_values import ROOT, services
from tools.write_openapi import file_of

FUZZER: Final = ROOT / ".venv-fuzzer" / "bin" / "python"
CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
CHECK: Final = Path(__file__).with_name("refusals.py")
EXAMPLES: Final = int(os.environ.get("CLAIMLOG_EXAMPLES", "20"))  # noqa: TID251 (a switch of the test run itself)
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
        app = http_app(svc.engine.service, Host(engine=svc.engine, verifier=ISSUER.verifier()))
        with create_server(("127.0.0.1", 0)) as listener:
            async with served(app, listener):
                ended, said = await tried(service, listener.getsockname()[1], tmp_path)

    assert ended == 0, f"seed {SEED}\n{said[said.find('= FAILURES') :]}"
    assert re.search(r"\d+ generated, \d+ passed", said), said


async def tried(service: Service, port: int, folder: Path) -> tuple[int, str]:
    """Try a service out; return the exit code and what was said."""
    left_out = [OVER_A_DATABASE] if service.name == WITH_COMMON_ROUTES else common_paths()
    program = await asyncio.create_subprocess_exec(
        *(str(FUZZER), "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run", str(file_of(service))),
        *("--url", f"http://127.0.0.1:{port}", "-H", f"Authorization: Bearer {token(service)}", "--no-color"),
        *("--checks", "all", "--max-examples", str(EXAMPLES), "--seed", SEED),
        *(f"--exclude-path={each}" for each in left_out),
        cwd=folder,  # it leaves what it learned there
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(CHECK)},  # noqa: TID251 (handed on)
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(SECONDS_MAX):
        said, _ = await program.communicate()
    return program.returncode or 0, said.decode()


def common_paths() -> list[str]:
    return sorted({name.split()[1] for name in COMMON_ACCESS} | {"/healthz", "/readyz"})
