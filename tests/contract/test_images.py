"""What the Dockerfile promises, and how digests get into the files that name images."""

import re
from pathlib import PurePosixPath

import pytest

from tools.images import DOCKERFILE, IMAGES, NotPinned, copied, file_set, naming, pin, pinned, tags

SOME = "FROM python:3.11-slim AS one\n  image: postgres:18\n  - image: claimlog/claims:0.1.0\n"
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_what_is_shared_and_one_service(image: str) -> None:
    rooms = {place.parts[2:4] for place in file_set(image) if place.parts[2] in {"services", "apps"}}

    assert rooms == {(IMAGES[image]["ROOM"], "__init__.py"), (IMAGES[image]["ROOM"], image)}
    assert PurePosixPath("/app/shared/runtime/schema/store.sql") in file_set(image)


def test_what_is_copied_is_shown_to_the_builder() -> None:
    shown = {line[1:] for line in (DOCKERFILE.parent / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    needed = {source.relative_to(DOCKERFILE.parent).as_posix() for each in IMAGES for source, _ in copied(each)}

    assert all(any(f"{name}/".startswith(f"{each}/") for each in shown) for name in needed)


def test_the_image_runs_as_nobody_in_particular() -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE.read_text(), re.MULTILINE)

    assert all(int(each) >= 10_000 for each in user)


def test_a_digest_stands_behind_its_tag_and_is_replaced() -> None:
    digests = {"python:3.11-slim": DIGEST, "postgres:18": DIGEST}
    once = pinned(SOME, digests)

    assert once.splitlines()[0] == f"FROM python:3.11-slim@{DIGEST} AS one"
    assert once.splitlines()[1:] == [f"  image: postgres:18@{DIGEST}", "  - image: claimlog/claims:0.1.0"]
    assert pinned(once, dict.fromkeys(digests, f"sha256:{'b' * 64}")) == once.replace("a" * 64, "b" * 64)
    assert tags(once) == set(digests)


def test_without_docker_nothing_is_pinned_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [path.read_text() for path in naming()]
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NotPinned, match="docker is missing"):
        pin()
    assert [path.read_text() for path in naming()] == before
