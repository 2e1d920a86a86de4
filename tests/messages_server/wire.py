"""HTTP/1.1 over asyncio: one request at a time on a connection, a reply that is whole, cut off or never comes."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httptools

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: closing sends a reset instead of an end


@dataclass(frozen=True)
class Request:
    """One request as it came in, `at` seconds on the monotonic clock. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def params(self) -> dict[str, Any]:
        """The body, which is JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes back.

    `parts` is the body; more than one is sent in chunks, `pause` seconds apart, and `sent` is called with the number of
    each that has left whole; `ended` is called when all is over. The first byte leaves after `after` seconds. After
    `cut_after` bytes of the body the connection is reset; with `reset` before the first byte. A reply that is `never`
    sent keeps the client waiting.
    """

    status: int = 200
    parts: Sequence[bytes] = (b"",)
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    pause: float = 0.0
    cut_after: int | None = None
    reset: bool = False
    never: bool = False
    sent: Callable[[int], None] = lambda part: None
    ended: Callable[[], None] = lambda: None


def json_reply(value: Any, status: int = 200, **more: Any) -> Reply:
    headers = {"content-type": "application/json"} | more.pop("headers", {})
    return Reply(status, (json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"),), headers, **more)


@dataclass
class Connections:
    """How many there were and are."""

    made: int = 0
    open: int = 0


class Connection(asyncio.Protocol):
    """One client's connection. `answer` turns a request into a reply; an exception in it is a bug and a 500."""

    def __init__(self, answer: Callable[[Request], Awaitable[Reply]], connections: Connections):
        self._answer, self._connections = answer, connections
        self._parser = httptools.HttpRequestParser(self)
        self._serving: asyncio.Task | None = None
        self._drained = asyncio.Event()
        self._drained.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # of a connection over TCP
        self._transport = transport
        transport.set_write_buffer_limits(0)  # so that drained means: handed to the kernel to the last byte
        self._connections.made += 1
        self._connections.open += 1

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.open -= 1
        self._drained.set()
        if self._serving:
            self._serving.cancel()

    def pause_writing(self) -> None:
        self._drained.clear()

    def resume_writing(self) -> None:
        self._drained.set()

    def data_received(self, received: bytes) -> None:
        try:
            self._parser.feed_data(received)
        except httptools.HttpParserError:
            self._transport.abort()

    # What httptools calls while it parses.

    def on_message_begin(self) -> None:
        self._url, self._body = b"", bytearray()
        self._headers: dict[str, str] = {}

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        url = urlsplit(self._url.decode("latin-1"))
        method = self._parser.get_method().decode("latin-1")
        loop = asyncio.get_running_loop()
        request = Request(
            method, url.path, dict(parse_qsl(url.query)), self._headers, bytes(self._body), at=loop.time()
        )
        self._serving = loop.create_task(self._serve(request, self._parser.should_keep_alive()))

    async def _serve(self, request: Request, keep_alive: bool) -> None:
        try:
            reply = await self._answer(request)
        except Exception as error:  # noqa: BLE001 (whatever it is, the client under test must see an answer)
            message = f"the test server failed: {error!r}"
            reply = json_reply({"type": "error", "error": {"type": "api_error", "message": message}}, 500)
        try:
            if reply.never:
                await asyncio.Event().wait()  # until the client has enough, and this is cancelled
            if reply.after:
                await asyncio.sleep(reply.after)
            await self._send(reply)
        finally:
            reply.ended()
        if not keep_alive:
            self._transport.close()

    async def _send(self, reply: Reply) -> None:
        if reply.reset:
            await self._reset()
            return
        chunked = len(reply.parts) != 1
        head = _head(reply, "transfer-encoding: chunked" if chunked else f"content-length: {len(reply.parts[0])}")
        left = reply.cut_after
        for number, part in enumerate(reply.parts):
            if left is not None:
                if left <= len(part):
                    # A chunk says how long it would have been, so that the client knows that it was cut off.
                    part = (b"%x\r\n" % len(part) if chunked else b"") + part[:left]
                    await self._write(head + part)
                    await self._reset()
                    return
                left -= len(part)
            await self._write(head + (b"%x\r\n%s\r\n" % (len(part), part) if chunked else part))
            head = b""
            if not self._transport.is_closing():
                reply.sent(number)
            if reply.pause:
                await asyncio.sleep(reply.pause)
        if chunked:
            await self._write(head + b"0\r\n\r\n")

    async def _write(self, octets: bytes) -> None:
        self._transport.write(octets)
        await self._drained.wait()

    async def _reset(self) -> None:
        await asyncio.sleep(0.02)  # a reset overtakes what the client has not read yet
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()


def _head(reply: Reply, length: str) -> bytes:
    phrase = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else "Overloaded"
    headers = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    return f"HTTP/1.1 {reply.status} {phrase}\r\n{headers}{length}\r\n\r\n".encode("latin-1")
