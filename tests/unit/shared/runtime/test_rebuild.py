"""A rebuild that was begun by other code is begun anew."""

from pathlib import Path

import pytest

from services.claims.main import service
from services.claims.settings import Settings
from shared.runtime.rebuild import fingerprint


@pytest.mark.parametrize(
    ("changed", "is_other"),
    [
        ("services/claims/domain/assembly.py", True),
        ("services/claims/projections/claims.py", True),
        ("shared/kernel/money.py", True),
        ("services/payments/main.py", False),
    ],
)
def test_whatever_a_fold_may_reach_makes_it_another_one(
    changed: str, *, is_other: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    projection, read = service(Settings()).projections[0], Path.read_bytes
    before = fingerprint(projection)
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * str(path).endswith(changed))

    assert (fingerprint(projection) != before) == is_other
