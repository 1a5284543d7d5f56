"""One POST to somebody's webhook: to a checked address, without redirects or proxies, and for a few seconds at most.

The name is resolved once, every address it has is checked, and the connection goes to the checked address itself: no
second look-up can lead elsewhere. TLS still asks for the name and checks the certificate for it. What the endpoint
says besides its status is not read.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from access.delivering.addresses import is_never_called, reason_not_to_call

CONNECT_SECONDS = 4.0
TOTAL_SECONDS = 10.0
LONGEST_WAIT = timedelta(hours=24)
MOST_ADDRESSES = 3
PORTS = {"https": 443, "http": 80}

Resolver = Callable[[str, int], Sequence[str]]


class Uncallable(Exception):
    """The call was not made, or got no answer; `code` says why and never holds an address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Rules:
    """What may be called: `hosts` are names whose private addresses are allowed, `http` allows calls in the clear."""

    hosts: frozenset[str] = frozenset()
    http: bool = False
    seconds: float = TOTAL_SECONDS


@dataclass(frozen=True)
class Target:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    """What came of a call: the status, or the code of what went wrong. `retry_after` is what the endpoint asked for."""

    status: int = 0
    error: str = ""
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has it."""
        return 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants nothing more, ever."""
        return self.status == 410

    @property
    def words(self) -> str:
        """The outcome in a word or two, without any part of the address."""
        return self.error or f"status {self.status}"


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Errors: `OSError` when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    rules: Rules,
    now: datetime,
    resolver: Resolver = resolve,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Post `body` and give the answer; never raises for what the other side does.

    Cost: at most `rules.seconds`, besides the look-up of the name.
    """
    try:
        target = parse(url, rules)
        addresses = checked(target, rules, resolver)
        secure = (context or ssl.create_default_context()) if target.scheme == "https" else None
        return _exchange(target, addresses, body, headers, rules, now, secure)
    except Uncallable as refused:
        return Answer(error=refused.code)


def parse(url: str, rules: Rules) -> Target:
    """The parts of a URL that may be called. Errors: `Uncallable` `bad_url` or `not_https`."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().rstrip(".").lower()
    except (ValueError, UnicodeError):
        raise Uncallable("bad_url") from None
    if parts.scheme not in PORTS or not host or parts.username is not None or "%" in host:
        raise Uncallable("bad_url")
    if parts.scheme == "http" and not rules.http:
        raise Uncallable("not_https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if any(not "!" <= each <= "~" for each in path):
        raise Uncallable("bad_url")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def checked(target: Target, rules: Rules, resolver: Resolver = resolve) -> Sequence[str]:
    """The addresses to connect to. One that may not be called spoils the name: a public one beside it is bait.

    Errors: `Uncallable` `unknown_host`, `private_address` or `bad_address`.
    """
    try:
        addresses = resolver(target.host, target.port)
    except (OSError, UnicodeError):
        raise Uncallable("unknown_host") from None
    is_allowed = target.host in rules.hosts
    for address in addresses:
        if is_allowed and is_never_called(address):
            raise Uncallable("private_address")
        reason = "" if is_allowed else reason_not_to_call(address)
        if reason:
            raise Uncallable(reason)
    if not addresses:
        raise Uncallable("unknown_host")
    return addresses[:MOST_ADDRESSES]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address under a name; `cut` ends it from another thread, whatever it waits for."""

    def __init__(self, target: Target, address: str, secure: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._address = address
        self._secure = secure
        self._handle: socket.socket | None = None

    def connect(self) -> None:
        """Opens the connection; the name is only spoken inside TLS and in the Host header."""
        plain = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        # TLS takes the socket over, so the end of it is held by a second handle.
        self._handle = plain.dup()
        self.sock = plain
        if self._secure is not None:
            self.sock = self._secure.wrap_socket(plain, server_hostname=self.host)

    @property
    def is_open(self) -> bool:
        """Whether somebody was reached."""
        return self._handle is not None

    def cut(self) -> None:
        """Ends the conversation now."""
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def close(self) -> None:
        """Closes both handles."""
        super().close()
        if self._handle is not None:
            self._handle.close()


def _exchange(
    target: Target,
    addresses: Iterable[str],
    body: bytes,
    headers: Mapping[str, str],
    rules: Rules,
    now: datetime,
    secure: ssl.SSLContext | None,
) -> Answer:
    for address in addresses:
        connection = _Pinned(target, address, secure)
        try:
            return _speak(connection, target, body, headers, rules.seconds, now)
        except _NotReached:
            continue
    raise Uncallable("unreachable")


class _NotReached(Exception):
    """No connection, so nothing was sent, and another address of the name may be tried."""


def _speak(
    connection: _Pinned,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    now: datetime,
) -> Answer:
    late = threading.Event()

    def end() -> None:
        late.set()
        connection.cut()

    # A limit on each read would let an endpoint that sends a byte a second hold the line for hours.
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        connection.request("POST", target.path, body, dict(headers))
        response = connection.getresponse()
        # A head that was cut short reads like a whole one.
        if late.is_set():
            raise TimeoutError
        return Answer(response.status, _told(response.status), _wait(response, now))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set():
            raise Uncallable("too_slow") from None
        if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
            raise Uncallable("certificate") from None
        if not connection.is_open:
            raise _NotReached from None
        raise Uncallable(
            "too_slow" if isinstance(error, TimeoutError) else "broken_answer"
        ) from None
    finally:
        timer.cancel()
        connection.close()


def _told(status: int) -> str:
    """The code of an answer that is no success: where a redirect leads is neither followed nor kept."""
    if 300 <= status < 400:
        return "redirect"
    return "" if status < 300 else f"status {status}"


def _wait(response: http.client.HTTPResponse, now: datetime) -> timedelta | None:
    """How long the endpoint wants to be left alone, a day at most. Source: RFC 9110, section 10.2.3."""
    text = (response.getheader("Retry-After") or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        asked = timedelta(seconds=min(int(text[:9]), 10**8))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta()), LONGEST_WAIT)
