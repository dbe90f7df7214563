"""What the images hold, as the Dockerfile says, and which image each tag is.

`python -m tools.images lay-out claims FOLDER` puts the files of an image into a folder, as its last stage does: tests
start services from there. `python -m tools.images pin` (`make pin-images`) writes the digest behind each tag into the
files that name images, where docker and a registry are at hand.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
DOCKERFILE: Final = ROOT / "Dockerfile"
IMAGES: Final[Mapping[str, Mapping[str, str]]] = {
    **{
        name: {"ROOM": "services", "SERVICE": name}
        for name in ("registration", "coding", "validation", "claims", "payments")
    },
    **{name: {"ROOM": "apps", "SERVICE": name} for name in ("console", "simulator")},
}
"""The arguments that each image is built with."""
_COPY: Final = re.compile(r"^COPY (?!--from)(\S+) (\S+)$", re.MULTILINE)
_TAG: Final = re.compile(
    r"(?P<before>^(?:FROM |\s*(?:- )?image: ))(?P<image>[a-z0-9./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?", re.MULTILINE
)
_OURS: Final = "claimlog/"


def file_set(image: str) -> Mapping[PurePosixPath, Path]:
    """Return what an image holds of the repository, by its place in the image."""
    return {place: path for source, target in copied(image) for place, path in _below(source, target)}


def lay_out(image: str, folder: Path) -> None:
    """Put the files of an image below a folder, as if that were the root of its file system."""
    for place, path in file_set(image).items():
        target = folder / place.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def copied(image: str) -> Iterator[tuple[Path, PurePosixPath]]:
    """Yield what the last stage copies from the repository, and where to."""
    last_stage = "FROM " + DOCKERFILE.read_text(encoding="utf-8").rsplit("\nFROM ", 1)[1]
    for words in _COPY.findall(last_stage):
        source, target = (_filled(word, IMAGES[image]) for word in words)
        yield ROOT / source, PurePosixPath(target)


def _filled(word: str, arguments: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], word)


def _below(source: Path, target: PurePosixPath) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the files of a file or folder that the builder is shown: `.dockerignore` hides what Python compiled."""
    if source.is_file():
        yield target, source
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield target / path.relative_to(source), path


class NotPinned(Exception):
    """The digest of an image cannot be found. **Shape**: the message says what is missing."""


def pinned(text: str, digests: Mapping[str, str]) -> str:
    """Return a file with the digest behind each tag; what we build ourselves has none before it is pushed."""

    def one(found: re.Match[str]) -> str:
        image = found["image"]
        return found[0] if image.startswith(_OURS) else f"{found['before']}{image}@{digests[image]}"

    return _TAG.sub(one, text)


def tags(text: str) -> frozenset[str]:
    """Return the images of others that a file names by tag."""
    return frozenset(found["image"] for found in _TAG.finditer(text) if not found["image"].startswith(_OURS))


def _digest(image: str) -> str:
    """Return what a registry says. **Errors**: `NotPinned`."""
    docker = shutil.which("docker")
    if docker is None:
        raise NotPinned("docker is missing: pin images where it is, and where the registry can be reached")
    words = [docker, "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", image]
    said = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 (arguments of ours)
    digest = said.stdout.strip()
    if said.returncode or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise NotPinned(f"the registry says nothing about {image}: is it reachable from here? {said.stderr.strip()}")
    return digest


def naming() -> Iterator[Path]:
    """Yield the files that name images."""
    yield DOCKERFILE
    yield ROOT / "docker-compose.yml"
    yield from sorted((ROOT / "deploy").rglob("*.yaml"))


def pin() -> None:
    """Write digests; all are found before the first file is changed. **Errors**: `NotPinned`."""
    texts = {path: path.read_text(encoding="utf-8") for path in naming()}
    digests = {image: _digest(image) for image in sorted(frozenset().union(*map(tags, texts.values())))}
    for path, text in texts.items():
        path.write_text(pinned(text, digests), encoding="utf-8")
    print(*(f"{image} is {digest}" for image, digest in digests.items()), sep="\n")


def main() -> int:
    """Run one of the two commands; 1 where images could not be pinned, 2 for other words."""
    match sys.argv[1:]:
        case ["lay-out", image, folder] if image in IMAGES:
            lay_out(image, Path(folder))
        case ["pin"]:
            try:
                pin()
            except NotPinned as error:
                print(f"{error}; nothing was changed", file=sys.stderr)
                return 1
        case _:
            print(f"python -m tools.images pin | lay-out {'|'.join(IMAGES)} FOLDER", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
