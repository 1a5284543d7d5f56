"""Real web servers for webhooks, on loopback: each answers as its script says, and keeps what it was sent."""

import base64
import hashlib
import hmac
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TLS = Path(__file__).parent / "tls"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Message:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


@dataclass
class Receiver:
    """A webhook's server: `script` holds what it answers first, `usual` what it answers afterwards."""

    port: int = 0
    script: list[Answer] = field(default_factory=list)
    usual: Answer = field(default_factory=lambda: status(200))
    messages: list[Message] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook?token=hunter2"

    @property
    def ids(self) -> list[str]:
        """The id of every message that came, repetitions included."""
        return [each.headers["webhook-id"] for each in self.messages]


def status(code: int, **headers: str) -> Answer:
    """Answers with a status; `retry_after` becomes `Retry-After`."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Takes the message and says nothing."""
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A header line that never ends: one byte at a time, each well within any limit for one read."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(600):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def huge(handler: BaseHTTPRequestHandler) -> None:
    """Says yes, and then sends a body without end."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b"x" * 65_536)


@contextmanager
def receiving(
    *script: Answer, usual: Answer | None = None, tls: bool = False
) -> Iterator[Receiver]:
    """A server that runs until the block ends."""
    receiver = Receiver(script=list(script))
    if usual is not None:
        receiver.usual = usual

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.messages.append(Message(self.path, headers, body))
            answer = receiver.script.pop(0) if receiver.script else receiver.usual
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_genuine(message: Message, secret: str) -> bool:
    """Whether some signature is right, worked out from the specification alone: none of the portal's code is used."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join(
        [
            message.headers["webhook-id"].encode(),
            message.headers["webhook-timestamp"].encode(),
            message.body,
        ]
    )
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = message.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(each, f"v1,{wanted}") for each in given)
