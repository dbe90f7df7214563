"""How routes name a file as it came or went, by its hash, and what the document says of the answer."""

from typing import Annotated, Any, Final, TypeAlias

from fastapi import Path

FileHash: TypeAlias = Annotated[
    str,
    Path(
        description="SHA-256 of the file, hexadecimal.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
X12_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/edi-x12": {"schema": {"type": "string", "format": "binary"}}}}
}
