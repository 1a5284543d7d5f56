"""One conversation with a Spark Connect server: a session of its own per query, locked settings, and a way to stop.

A session lives for one statement and is released at its end, so nothing of one person's query can be found by the
next. The server has no password of its own worth the name: whoever reaches its port can read files and run code, so
only the gate may reach it, over loopback or with certificates on both sides.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import grpc

from catalog.engines.base import REFERENCE, Cause, EngineError, resolve_references
from catalog.engines.spark_messages import INTERRUPT_ALL, message

SERVICE = "/spark.connect.SparkConnectService/"
PORT = 15002
CONNECT_SECONDS = 10.0
STOP_SECONDS = 2.0
KEPT = re.compile("\0([0-9]+)\0")
CLIENT = "gatehouse"

# What the guard's reading of a statement rests on, and what closes doors behind it. Sent before every statement.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": "UTC",
    # '${env:HOME}' in a statement is the server's environment otherwise.
    "spark.sql.variable.substitute": "false",
    # FROM csv.`/etc/passwd` reads the file otherwise.
    "spark.sql.runSQLOnFiles": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    # Whether one side of a join came out empty while the query ran must not decide whether the other is evaluated:
    # before the row filter that depends on hidden rows.
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation",
    "spark.sql.cbo.enabled": "false",
    "spark.sql.debug.maxToStringFields": "100000",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16384",
}

CAUSES: tuple[tuple[str, Cause], ...] = (
    ("42601", "not_a_query"),
    ("42", "name"),
    ("22003", "arithmetic"),
    ("22008", "arithmetic"),
    ("22012", "arithmetic"),
    ("22", "conversion"),
    ("53200", "memory"),
    ("HY008", "deadline"),
    ("08", "crash"),
)
# Java classes in an error's cause that say more than its SQL state.
CLASSES: tuple[tuple[str, Cause], ...] = (
    ("OutOfMemoryError", "memory"),
    ("SparkOutOfMemoryError", "memory"),
    ("ArithmeticException", "arithmetic"),
    ("NumberFormatException", "conversion"),
    ("DateTimeException", "conversion"),
)


class Address(NamedTuple):
    """Where a server is and how to speak to it, references resolved."""

    target: str
    token: str
    is_encrypted: bool
    authority: str
    certificate: str
    key: str

    def channel(self) -> grpc.Channel:
        """A connection of its own; nothing is sent before the first call."""
        options = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if not self.is_encrypted:
            return grpc.insecure_channel(self.target, options)
        return grpc.secure_channel(self.target, self._credentials(), options)

    def _credentials(self) -> grpc.ChannelCredentials:
        try:
            return grpc.ssl_channel_credentials(
                *(
                    Path(name).read_bytes() if name else None
                    for name in (self.authority, self.key, self.certificate)
                )
            )
        except OSError:
            raise EngineError(
                "unreachable", "A certificate or key named in the warehouse's URL cannot be read."
            ) from None


def address_of(url: str) -> Address:
    """The address in `sc://HOST:PORT/;use_ssl=true;token=...;ssl_ca=FILE;ssl_cert=FILE;ssl_key=FILE`.

    Errors: `EngineError` for a parameter that is not one of these, or a reference the environment lacks.
    Source: apache/spark, `sql/connect/docs/client-connection-string.md`; the three files are this portal's own.
    """
    # Taken apart before references are resolved: a secret needs no percent-encoding, and may hold any letter.
    references: list[str] = []

    def kept(found: re.Match[str]) -> str:
        references.append(found[0])
        return f"\0{len(references) - 1}\0"

    def resolved(part: str) -> str:
        return KEPT.sub(lambda found: resolve_references(references[int(found[1])]), unquote(part))

    place, _, rest = REFERENCE.sub(kept, url).partition("://")[2].partition("/")
    known = {"use_ssl": "", "token": "", "ssl_ca": "", "ssl_cert": "", "ssl_key": ""}
    for part in filter(None, rest.split(";")):
        name, equals, value = part.partition("=")
        if name not in known or not equals:
            raise EngineError(
                "unreachable", "The warehouse's URL has a parameter that is not known."
            )
        known[name] = resolved(value)
    target = resolved(place)
    if not target or "@" in target:
        raise EngineError("unreachable", "The warehouse's URL cannot be read.")
    return Address(
        target if target.rpartition(":")[2].isdigit() else f"{target}:{PORT}",
        known["token"],
        known["use_ssl"].lower() == "true" or bool(known["ssl_ca"] or known["ssl_cert"]),
        known["ssl_ca"],
        known["ssl_cert"],
        known["ssl_key"],
    )


class Session:
    """One session of one server. `close` may be called at any time and from any thread, any number of times."""

    def __init__(self, address: Address, deadline: float) -> None:
        self._deadline = deadline
        self._who = {
            "session_id": str(uuid.uuid4()),
            "user_context": message("UserContext")(user_id=CLIENT, user_name=CLIENT),
            "client_type": CLIENT,
        }
        self._metadata = (("authorization", f"Bearer {address.token}"),) if address.token else ()
        self._channel = address.channel()
        self._call: Any = None
        self._is_closed = False
        try:
            self._configure()
        except BaseException:
            self.close()
            raise

    def responses(self, relation: Any) -> Iterator[Any]:
        """The responses to one plan: its schema, Arrow batches, and an end. Errors: `EngineError`."""
        request = message("ExecutePlanRequest")(
            **self._who,
            plan=message("Plan")(root=relation),
            operation_id=str(uuid.uuid4()),
            tags=[CLIENT],
        )
        self._call = self._method("ExecutePlan", streams=True)(
            request, timeout=self._seconds_left(), metadata=self._metadata
        )
        try:
            # Ends without an error only after the server's own final status, so a cut stream is never a whole one.
            yield from self._call
        except grpc.RpcError as error:
            raise self.named(error) from None

    def shape_of(self, relation: Any) -> Any:
        """The type of a plan's rows, from Spark's analyzer; nothing runs. Errors: `EngineError`."""
        question = message("SchemaQuestion")(plan=message("Plan")(root=relation))
        request = message("AnalyzePlanRequest")(**self._who, schema=question)
        try:
            answer = self._method("AnalyzePlan")(
                request, timeout=self._seconds_left(), metadata=self._metadata
            )
        except grpc.RpcError as error:
            raise self.named(error) from None
        return answer.schema.schema

    def setting(self, name: str) -> str:
        """How the server is set; empty where it does not say. Errors: `EngineError`."""
        question = message("ConfigGet")(keys=[name])
        return "".join(pair.value for pair in self._set(get_option=question).pairs)

    def cancel(self) -> None:
        """Ends the running statement on the server; whoever reads it sees the deadline passed or a crash."""
        self._stop("Interrupt", interrupt_type=INTERRUPT_ALL)
        if self._call is not None:
            self._call.cancel()

    def close(self) -> None:
        """Stops what still runs, and has the server forget the session."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stop("ReleaseSession")
        if self._call is not None:
            self._call.cancel()
        self._channel.close()

    def named(self, error: Any) -> EngineError:
        """What went wrong, without the server's words: those quote values and statements."""
        code = error.code()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED or self._is_late():
            return EngineError("deadline")
        if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
            return EngineError("unreachable", "The warehouse does not accept the portal's token.")
        return EngineError(_cause(error))

    def expire(self) -> None:
        """Takes the time that is left away, so that what follows counts as late."""
        self._deadline = min(self._deadline, time.monotonic())

    def _configure(self) -> None:
        """Sends the locked settings; the first call, so also the test whether anybody is there."""
        pairs = [message("KeyValue")(key=key, value=value) for key, value in SETTINGS.items()]
        self._set(set=message("ConfigSet")(pairs=pairs))

    def _set(self, **operation: Any) -> Any:
        request = message("ConfigRequest")(
            **self._who, operation=message("ConfigOperation")(**operation)
        )
        seconds = min(CONNECT_SECONDS, self._seconds_left())
        try:
            return self._method("Config")(request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            cause = self.named(error)
            raise cause if str(cause.cause) != "crash" else EngineError("unreachable") from None

    def _stop(self, method: str, **fields: Any) -> None:
        request = message(f"{method}Request")(**self._who, **fields)
        with suppress(grpc.RpcError, ValueError):
            self._method(method)(request, timeout=STOP_SECONDS, metadata=self._metadata)

    def _method(self, name: str, *, streams: bool = False) -> Any:
        make = self._channel.unary_stream if streams else self._channel.unary_unary
        return make(
            SERVICE + name,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=message(f"{name}Response").FromString,
        )

    def _seconds_left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())

    def _is_late(self) -> bool:
        return time.monotonic() >= self._deadline


def _cause(error: Any) -> Cause:
    info = _info(error)
    classes, state = info.get("classes", ""), info.get("sqlState", "")
    named = next((cause for name, cause in CLASSES if name in classes), None)
    stated = next((cause for prefix, cause in CAUSES if state.startswith(prefix)), None)
    if stated or named:
        return stated or named or "other"
    unreachable = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return "crash" if error.code() in unreachable else "other"


def _info(error: Any) -> dict[str, str]:
    """The machine-readable part of an error: its SQL state and its Java classes."""
    trailing = dict(error.trailing_metadata() or ())
    packed = trailing.get("grpc-status-details-bin", b"")
    with suppress(
        Exception
    ):  # A proxy may send anything here; without details the code alone decides.
        for detail in message("Status").FromString(packed).details:
            if detail.type_url.endswith("google.rpc.ErrorInfo"):
                found = message("ErrorInfo").FromString(detail.value)
                return {entry.key: entry.value for entry in found.metadata}
    return {}
