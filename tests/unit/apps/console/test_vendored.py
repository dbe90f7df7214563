"""Files of others are those that were published, byte for byte, and each is named with its licence."""

import re
from hashlib import sha256

from apps.console.rendering import STATIC

VENDOR = STATIC / "vendor"


def test_each_file_of_others_is_as_published() -> None:
    told = dict(re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.MULTILINE))
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.[jc]*")}

    assert found
    assert found == told
