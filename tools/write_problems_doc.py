"""Write docs/problems.md: every reason for which a request is refused, and what its sender does about it.

    .venv/bin/python -m tools.write_problems_doc

Everything on the page follows from the error classes and `shared/runtime/problems.py`; `tests/contract/test_docs.py`
compares.
"""

import pkgutil
from importlib import import_module
from typing import Final

import services as services_folder
import shared as shared_folder
from shared.kernel.errors import KnownError
from shared.runtime.problems import OF_THE_SHELL, Entry, declared, entry_of
from tools.service_values import ROOT

PAGE: Final = ROOT / "docs" / "problems.md"
HEAD: Final = """\
# Problems

Written by `make contracts` from the error classes; do not edit. A request that is refused is answered with a problem
document (RFC 9457, `application/problem+json`):

| Member | Says |
|---|---|
| `type` | `/problems/<slug>`: branch on it. For ever; `GET /problems/<slug>` tells anybody what stands here |
| `title`, `status` | the slug in words, the status code |
| `detail` | what to do, in words; no value of the request, and no promise about the words |
| `instance` | the path, with `{names}` in the place of what is no id or hash |
| `trace_id` | names the request, also in `X-Correlation-Id`; a defect has it in the logs |
| `errors` | where there are several places: `pointer` (RFC 6901, from `/body`, `/query`, `/path`) and `code` |

`existing` (of `name-taken`) is the stream that holds the name; `segment_number` and `byte_offset` are a place in a
file. By status:

| Status | Kind | Is it worth to send it again? |
|---|---|---|
| 400, 422 | it cannot be read, or says too little | not as it is |
| 401, 403 | who calls is not known, or may not | with another token |
| 404 | nothing has that name | once it is there |
| 409 | a rule says no, or somebody else was faster | after looking again: the facts must change |
| 412, 428 | another version stands than was seen, or none was named | after reading the object again |
| 413 | too much at once | in parts |
| 429 | too often | after `Retry-After` seconds |
| 500 | our fault | the trace id helps whoever runs the service |
| 503 | something is away | after `Retry-After` seconds, a command under its key |

"""
_COLUMNS: Final = "| Slug | Status | Means | What to do |\n|---|---|---|---|\n"


def page() -> str:
    """Return the page."""
    entries = {error.slug: (_owner(error), entry_of(error)) for error in errors()}
    entries |= {slug: ("", entry) for slug, entry in OF_THE_SHELL.items()}
    parts = [HEAD]
    for owner in sorted({owner for owner, _ in entries.values()}):
        parts.append(f"## Of {owner}\n\n" if owner else "## Of every service\n\n")
        rows = (_row(entry) for _, (its_owner, entry) in sorted(entries.items()) if its_owner == owner)
        parts.append(_COLUMNS + "".join(rows) + "\n")
    return "".join(parts).rstrip() + "\n"


def _row(entry: Entry) -> str:
    return f"| `{entry.slug}` | {entry.status} | {_cell(entry.means)} | {_cell(entry.mend)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _owner(error: type[KnownError]) -> str:
    return error.__module__.split(".")[1] if error.__module__.startswith("services.") else ""


def errors() -> tuple[type[KnownError], ...]:
    """Return every expected failure that services and the kit declare."""
    for folder in (services_folder, shared_folder):
        for module in pkgutil.walk_packages(folder.__path__, folder.__name__ + "."):
            import_module(module.name)
    return tuple(error for error in declared() if error.__module__.startswith(("services.", "shared.")))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)
