"""The embedded process behind HTTP as `claimlog run` serves it, but for the drive of the sample practice.

    python -m tests.support.embedded

For tests of what lies in a folder, or comes in over HTTP: the drive imports the whole practice once more, which is most
of what a start of `claimlog run` takes.
"""

import asyncio
import signal

import uvloop

from apps.embedded.process import running
from apps.embedded.settings import Settings


async def serve() -> None:
    """Serve until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with running(Settings.read()):
        await stopped.wait()


def main() -> None:
    """Serve the data folder that the environment names."""
    uvloop.run(serve())


if __name__ == "__main__":
    main()
