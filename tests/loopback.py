"""A real HTTP server on this machine, which misbehaves as it is told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ETAG = '"one"'


@dataclass
class Request:
    """What was asked for, and how many bytes of the file were answered."""

    path: str
    headers: dict[str, str]
    sent: int = 0

    @property
    def range(self) -> str | None:
        return self.headers.get("Range")


Answer = Callable[["Handler", Request], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        request = Request(self.path, dict(self.headers))
        loopback: Loopback = self.server.loopback
        loopback.requests.append(request)
        answers = loopback.answers[self.path]
        (answers.pop(0) if len(answers) > 1 else answers[0])(self, request)

    def head(self, status: int, **headers: Any) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def body(self, request: Request, data: bytes) -> None:
        request.sent += len(data)  # before the client can have them and look
        with contextlib.suppress(OSError):  # the client has gone
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Loopback:
    """The server.

    Attributes:
        answers: by path, what each request gets; the last answer is for all further ones.
        requests: all requests so far.
        closing: set when the server stops: an answer that hangs must wait for it.
    """

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str, *answers: Answer) -> str:
        """Answer requests of a path, and return its address."""
        self.answers[path] = list(answers)
        return self.url + path

    @property
    def sent(self) -> int:
        return sum(request.sent for request in self.requests)


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client goes away: that is what clients of this server do."""


@contextmanager
def loopback_server() -> Iterator[Loopback]:
    with Server(("127.0.0.1", 0), Handler) as server:
        loopback = Loopback(f"http://127.0.0.1:{server.server_port}")
        server.loopback = loopback  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield loopback
        finally:
            loopback.closing.set()
            server.shutdown()
            thread.join()


def serve(
    content: bytes,
    etag: str | None = ETAG,
    ranges: bool = True,
    heed_if_range: bool = True,
    stop: int | None = None,
    lie: int = 0,
    shift: int = 0,
) -> Answer:
    """Serve a file.

    Args:
        ranges: answer ``Range``; otherwise the whole is sent.
        stop: close the connection after so many bytes.
        lie: added to the length that is announced.
        shift: added to the offset that is served instead of the one asked for.
    """

    def answer(handler: Handler, request: Request) -> None:
        start = 0
        condition = request.headers.get("If-Range")
        if request.range and ranges and not (heed_if_range and condition not in (None, etag)):
            start = int(request.range.removeprefix("bytes=").removesuffix("-")) + shift
        headers: dict[str, Any] = {"ETag": etag} if etag else {}
        if ranges:
            headers["Accept_Ranges"] = "bytes"
        if start and start >= len(content):
            handler.head(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
            return
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content) + lie}"
        handler.head(206 if start else 200, Content_Length=len(content) - start + lie, **headers)
        handler.body(request, content[start:][:stop])
        handler.close_connection = stop is not None or lie != 0

    return answer


def serve_without_length(content: bytes) -> Answer:
    """Serve a file whose end is the end of the connection."""

    def answer(handler: Handler, request: Request) -> None:
        handler.head(200, Connection="close")
        handler.body(request, content)

    return answer


def status(code: int) -> Answer:
    """Answer with an error page."""

    def answer(handler: Handler, request: Request) -> None:
        page = b"<html>no</html>"
        handler.head(code, Content_Length=len(page))
        handler.wfile.write(page)

    return answer


def redirect(target: str, **headers: str) -> Answer:
    """Send the client elsewhere."""

    def answer(handler: Handler, request: Request) -> None:
        handler.head(302, Location=target, Content_Length=0, **headers)

    return answer


def hang(handler: Handler, request: Request) -> None:
    """Never answer."""
    handler.server.loopback.closing.wait(20)
    handler.close_connection = True


def hang_after(content: bytes, stop: int) -> Answer:
    """Send the first bytes of a file, then nothing, the connection staying open."""

    def answer(handler: Handler, request: Request) -> None:
        serve(content, stop=stop)(handler, request)
        hang(handler, request)

    return answer


def trickle(content: bytes) -> Answer:
    """Send a byte now and then."""

    def answer(handler: Handler, request: Request) -> None:
        handler.head(200, Content_Length=len(content))
        for i in range(len(content)):
            if handler.server.loopback.closing.wait(0.02):
                break
            handler.body(request, content[i : i + 1])
        handler.close_connection = True

    return answer
