"""The locks hold what pyproject.toml asks for, each file of it by its hash."""

import json
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parents[2]
GROUPS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]


def _locked(name: str) -> dict[str, tuple[str, int]]:
    """Return the version and the number of hashes of each package of a lock."""
    found = {}
    for block in re.split(r"(?m)^(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8")):
        if block.strip():
            package, _, rest = block.partition("==")
            found[package.partition("[")[0]] = (re.split(r"[ ;\\\n]", rest)[0], block.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("group", ["oracles", "deploy"])
def test_judges_are_locked_with_all_that_they_need(group: str) -> None:
    locked = _locked(f"requirements-{group}.lock")

    for line in GROUPS[group]:
        asked = Requirement(line)
        assert asked.specifier.contains(locked[asked.name][0]), line
    assert all(hashes for _, hashes in locked.values())


def test_schemathesis_is_locked_with_all_that_it_needs() -> None:
    locked = _locked("requirements-fuzzer.lock")

    assert {Requirement(line).name for line in GROUPS["fuzzer"]} <= set(locked)
    assert all(hashes for _, hashes in locked.values())


def test_every_package_of_the_lock_has_its_hashes() -> None:
    assert all(hashes for _, hashes in _locked("requirements.lock").values())


def test_linters_of_documents_are_locked_by_hash_and_name_no_host() -> None:
    folder = ROOT / "tools" / "spectral"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert locked.pop("")["dependencies"] == asked
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert [
        name for name, each in locked.items() if not each["integrity"].startswith("sha512-") or "resolved" in each
    ] == []


def test_images_hold_the_packages_that_tests_ran_with() -> None:
    images, all_packages = _locked("requirements-service.lock"), _locked("requirements.lock")

    assert images.items() <= all_packages.items()
    assert {Requirement(line).name for line in GROUPS["service"]} <= set(images)
