"""The server at work: in a thread beside the test, or in a process of its own that outlives a killed client."""

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from tests.messages_server.api import Answer, Api
from tests.messages_server.counts import Counts
from tests.messages_server.script import Script
from tests.messages_server.wire import Connection, Request

KEY = "sk-ant-of-the-tests"  # the only key that is let in
STARTS_WITHIN = 30.0  # seconds


async def listen(api: Api, port: int = 0) -> asyncio.Server:
    """Begin to serve on loopback."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(api.reply, api.connections), "127.0.0.1", port, backlog=1024)


class MessagesServer:
    """A server in a thread. `answer` may give a message or a reply for a request's parameters, or None for the usual.

    `url` is the base URL for a client; `asked` has every request that came in, unless `keep` is false.
    """

    def __init__(
        self, script: Script | None = None, *, answer: Answer | None = None, keep: bool = True, **changes: Any
    ):
        self._api = Api(script or Script(**changes), KEY, answer, keep)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._in_loop(listen(self._api))
        self.address = "{}:{}".format(*self._server.sockets[0].getsockname())
        self.url = f"http://{self.address}"
        return self

    def __exit__(self, *exception: object) -> None:
        self._in_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _in_loop(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(STARTS_WITHIN)

    @property
    def asked(self) -> list[Request]:
        return list(self._api.kept or ())

    def counts(self) -> Counts:
        """A copy of the counts as they are, or as they were at the end."""

        async def copied() -> Counts:
            return self._copied()

        return self._copied() if self._loop.is_closed() else self._in_loop(copied())

    def _copied(self) -> Counts:
        return Counts.from_json(json.loads(json.dumps(vars(self._api.counted()))))

    def follow(self, script: Script | None = None, **changes: Any) -> None:
        """Behave by another script from now on."""

        async def follow() -> None:
            self._api.follow(script or Script(**changes))

        self._in_loop(follow())


class ServerProcess:
    """A server in a process of its own, asked over HTTP for what it counted."""

    def __init__(self, script: Script | None = None, **changes: Any):
        self._script = script or Script(**changes)

    def __enter__(self) -> Self:
        with TemporaryDirectory() as folder:
            port = Path(folder) / "port"
            command = [sys.executable, "-m", "tests.messages_server", "--port-file", str(port)]
            command += ["--script", json.dumps(self._script.as_json())]
            self._process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
            begun = time.monotonic()
            while not port.exists():
                if self._process.poll() is not None or time.monotonic() - begun > STARTS_WITHIN:
                    self._process.kill()
                    raise RuntimeError("the server did not start")
                time.sleep(0.01)
            self.address = f"127.0.0.1:{port.read_text()}"
        self.url = f"http://{self.address}"
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()

    def counts(self) -> Counts:
        """The counts as they are."""
        with urllib.request.urlopen(f"{self.url}/_counts") as response:
            return Counts.from_json(json.load(response))

    def follow(self, script: Script | None = None, **changes: Any) -> None:
        """Behave by another script from now on."""
        body = json.dumps((script or Script(**changes)).as_json()).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_script", body, method="PUT")).close()
