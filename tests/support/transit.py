"""A small transit engine as OpenBao has one: a token, one derived key, batches of blocks.

**Source**: https://openbao.org/api-docs/secret/transit
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.runtime.serving import listening, served

KEY: Final = "claimlog"
_PREFIX: Final = "vault:v1:"
_NONCE: Final = bytes(12)

Item = Mapping[str, str]


@dataclass(slots=True)
class Engine:
    """What it is and was asked. **Shape**: `contexts` of all that it wrapped; `answer` in place of its own, if any."""

    folder: Path
    url: str = ""
    token: str = "t-1"  # noqa: S105 (of nothing)
    is_derived: bool = True
    answer: Response | None = None
    contexts: list[bytes] = field(default_factory=list)
    asked: int = 0

    @property
    def token_file(self) -> Path:
        """Return the file that a service reads its token from."""
        return self.folder / "token"

    def settings(self, **more: str) -> Mapping[str, str]:
        """Return what a service is told."""
        return {"kms_url": self.url, "kms_token_file": str(self.token_file), **more}

    async def serve(self, request: Request) -> Response:
        """Answer one question."""
        self.asked += 1
        if self.answer is not None:
            return self.answer
        if request.headers.get("X-Vault-Token") != self.token:
            return JSONResponse({"errors": ["permission denied"]}, 403)
        work = {"encrypt": self._encrypted, "decrypt": self._decrypted}[request.path_params["what"]]
        if request.path_params["key"] != KEY:
            return JSONResponse({"errors": ["encryption key not found"]}, 400)
        results = [self._result(work, item) for item in (await request.json())["batch_input"]]
        failed = any("error" in each for each in results)
        return JSONResponse({"data": {"batch_results": results}}, 400 if failed else 200)

    def _result(self, work: Callable[[Item], Item], item: Item) -> Item:
        try:
            return work(item)
        except (InvalidTag, ValueError):
            return {"error": "cipher: message authentication failed"}

    def _encrypted(self, item: Item) -> Item:
        self.contexts.append(b64decode(item["context"]))
        sealed = self._cipher(item).encrypt(_NONCE, b64decode(item["plaintext"]), None)
        return {"ciphertext": _PREFIX + b64encode(sealed).decode(), "key_version": "1"}

    def _decrypted(self, item: Item) -> Item:
        sealed = b64decode(item["ciphertext"].removeprefix(_PREFIX), validate=True)
        return {"plaintext": b64encode(self._cipher(item).decrypt(_NONCE, sealed, None)).decode()}

    def _cipher(self, item: Item) -> Any:  # noqa: ANN401 (a cipher)
        return AESGCM(sha256(b64decode(item["context"]) if self.is_derived else b"").digest())


@asynccontextmanager
async def transit(folder: Path) -> AsyncIterator[Engine]:
    """Serve an engine on a free port while the block runs."""
    engine = Engine(folder)
    engine.token_file.write_text(f"{engine.token}\n")
    app = Starlette(routes=[Route("/v1/transit/{what}/{key}", engine.serve, methods=["POST"])])
    with listening("127.0.0.1:0") as listener:
        engine.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/transit"
        async with served(app, listener):
            yield engine
