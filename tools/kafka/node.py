"""One KRaft node as a process: resolve jars, format the folder, start, wait until it answers, stop.

The jars are kept in `~/.cache/claimlog/kafka-4.1.0`, or where CLAIMLOG_KAFKA_HOME says. Next: `__main__.py`, the
command.
"""

import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = "4.1.0"
_HERE: Final = Path(__file__).parent
_READY_SECONDS_MAX: Final = 60
_STOP_SECONDS_MAX: Final = 30
_API_VERSIONS_REQUEST: Final = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # size, api key, version, id, no client name
NOTHING_MORE: Final[Mapping[str, str]] = {}
_JAVA_OPTIONS: Final = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC")


class KafkaNotStarted(Exception):
    """Kafka cannot run here. **Shape**: the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node that answers."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def bootstrap(self) -> str:
        """Return the address that clients start with."""
        return f"127.0.0.1:{self.port}"


def missing_tools() -> tuple[str, ...]:
    """Return the programs that are needed and not installed."""
    needed = ("java",) if _resolved(home()) else ("java", "mvn")
    return tuple(program for program in needed if shutil.which(program) is None)


def home() -> Path:
    """Return the folder of the jars."""
    given = os.environ.get("CLAIMLOG_KAFKA_HOME")  # noqa: TID251 (a developer's program; no service reads it)
    return Path(given) if given else Path.home() / ".cache" / "claimlog" / f"kafka-{VERSION}"


def _resolved(folder: Path) -> bool:
    return (folder / f"kafka-server-{VERSION}.jar").exists()


def resolve(folder: Path) -> None:
    """Have Maven copy the jars of the pinned pom into a folder; nothing to do when they are there.

    **Errors**: `KafkaNotStarted`.
    """
    if _resolved(folder):
        return
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")  # renamed at the end: a broken download leaves nothing
    command = [_program("mvn"), "-q", "-B", "-f", str(_HERE / "pom.xml"), "dependency:copy-dependencies"]
    copied = subprocess.run(  # noqa: S603 (arguments of ours)
        [*command, "-DincludeScope=runtime", f"-DoutputDirectory={part}"], check=False, stdout=sys.stderr
    )
    if copied.returncode:
        shutil.rmtree(part, ignore_errors=True)
        raise KafkaNotStarted("Maven could not fetch Kafka's jars; its words are above")
    with suppress(OSError):  # another process was faster
        part.rename(folder)
    shutil.rmtree(part, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        hint = "install a Java 17 runtime" if name == "java" else "install Maven (package maven)"
        raise KafkaNotStarted(f"{name} is missing: {hint}, or work without Kafka: the log is then a PostgreSQL table")
    return found


def start(data: Path, port: int, more: Mapping[str, str] = NOTHING_MORE) -> Node:
    """Return a node that answers on a port of this machine. **Shape**: `more` are properties besides, or instead.

    **Errors**: `KafkaNotStarted`.
    """
    data = data.resolve()
    java = [_program("java"), *_JAVA_OPTIONS, "-cp", f"{home()}/*"]
    resolve(home())
    if _answers(port):
        raise KafkaNotStarted(f"port {port} is taken; stop what listens there, or give another one with --port")
    properties = _configured(data, port, more)
    if not (data / "log" / "meta.properties").exists():
        _format(java, properties)
    with (data / "kafka.log").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 (arguments of ours)
            [*java, "kafka.Kafka", str(properties)], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    (data / "kafka.pid").write_text(str(process.pid))
    try:
        _wait(lambda: _answers(port) or process.poll() is not None, _READY_SECONDS_MAX)
    except BaseException:
        process.kill()
        raise
    if process.poll() is not None or not _answers(port):
        process.kill()
        raise KafkaNotStarted(f"Kafka did not start; it says why in {data / 'kafka.log'}")
    return Node(port, process)


def _configured(data: Path, port: int, more: Mapping[str, str]) -> Path:
    (data / "log").mkdir(parents=True, exist_ok=True)
    properties = data / "node.properties"
    template = (_HERE / "node.properties").read_text() + "".join(f"{name}={value}\n" for name, value in more.items())
    filled = template.replace("{data}", str(data / "log")).replace("{port}", str(port))
    properties.write_text(filled.replace("{controller_port}", str(free_port())))
    return properties


def _format(java: Sequence[str], properties: Path) -> None:
    cluster = "c" + secrets.token_urlsafe(16)[1:]  # 22 characters; a leading hyphen would be taken for an option
    command = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
    formatted = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 (arguments of ours)
    if formatted.returncode:
        raise KafkaNotStarted(f"Kafka could not format its folder: {formatted.stderr.decode(errors='replace')}")


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, each another one: who asks one by one may get the same twice."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _answers(port: int) -> bool:
    """Return whether a broker answers the first question that every client asks; an open port alone proves nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(_API_VERSIONS_REQUEST)
            return bool(connection.recv(1))
    except OSError:
        return False


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


def stop(process_id: int) -> None:
    """End a node and wait until it is gone; a node that does not end in time is killed."""
    with suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGTERM)
        _wait(lambda: not runs(process_id), _STOP_SECONDS_MAX)
        if runs(process_id):
            os.kill(process_id, signal.SIGKILL)


def stop_recorded(data: Path) -> bool:
    """End the node that was started on a folder, if it runs; return whether one ever was."""
    recorded = data / "kafka.pid"
    if not recorded.exists():
        return False
    process_id = int(recorded.read_text())
    if runs(process_id):
        stop(process_id)
    recorded.unlink()
    return True


def runs(process_id: int) -> bool:
    """Return whether a process is a Kafka node: a number from a file may belong to somebody else by now."""
    with suppress(ChildProcessError):
        os.waitpid(process_id, os.WNOHANG)
    listed = subprocess.run(  # noqa: S603 (arguments of ours)
        ["ps", "-o", "args=", "-p", str(process_id)],  # noqa: S607 (ps is where the system has it)
        check=False,
        capture_output=True,
    )
    return b"kafka.Kafka" in listed.stdout


@contextmanager
def running(data: Path, port: int, more: Mapping[str, str] = NOTHING_MORE) -> Iterator[Node]:
    """Run a node while the block runs. **Shape**: `more` as of `start`. **Errors**: `KafkaNotStarted`."""
    node = start(data, port, more)
    try:
        yield node
    finally:
        stop(node.process.pid)
        node.process.wait()
