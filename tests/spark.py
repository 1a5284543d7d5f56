"""A Spark Connect server of this run's own, with two executors, for the tests marked `spark`.

Spark's jars (from PyPI's pyspark) lie in `.venv-spark`, apart from the portal's own packages; `make spark` puts them
there. Without them, or without Java 17, the tests say so and are skipped.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.engines.confinement import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("GATEHOUSE_SPARK_HOME", ROOT / ".venv-spark" / "pyspark"))
REQUIRED = "GATEHOUSE_REQUIRE_SPARK"
OLDEST_JAVA = 17
START_SECONDS = 300.0
OPENED = [
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action",
    "sun.util.calendar",
]  # fmt: skip
QUICK_JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def missing() -> str:
    """Why no server can be started here; empty when one can."""
    if not (HOME / "jars").is_dir():
        return "no Spark in .venv-spark (make spark installs it)"
    java = shutil.which("java")
    if java is None:
        return "no Java on this machine (Spark needs 17 or newer)"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        return "the Java on this machine is older than 17"
    return ""


class Server:
    """One running server: where it is, and its processes.

    `slots` is how many tasks each of the two executors runs at once. Spark gives a slot to the oldest statement of
    those that have the fewest, so with more long statements than slots the younger ones wait for the older to end.
    """

    def __init__(self, scratch: Path, slots: int = 1) -> None:
        self._slots = slots
        self.port = _free_port()
        self.url = f"sc://127.0.0.1:{self.port}"
        self._log = scratch / "spark.log"
        parent = os.getpid()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(scratch),
                cwd=scratch,
                env={**os.environ, "SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SCALA_VERSION": "2.13"},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent),
            )  # fmt: skip
        self._wait()

    def executors(self) -> list[int]:
        """The process ids of the executors that run now."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes()
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self._process.pid and b"CoarseGrainedExecutorBackend" in words:
                    found.append(int(folder.name))
        return sorted(found)

    def stop(self) -> None:
        """Ends the server and its executors at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        """Has the server stand still, as a machine does that was cut off."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Has the server go on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def _command(self, scratch: Path) -> list[str]:
        settings = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(self.port),
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": "512m",
            "spark.task.reaper.enabled": "true",
            "spark.task.reaper.killTimeout": "3s",
            "spark.scheduler.mode": "FAIR",
            "spark.executor.extraJavaOptions": QUICK_JVM,
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": str(scratch / "tables"),
            "spark.sql.shuffle.partitions": "2",
            # Each file of a table is a task, so that the first rows of a long result do not wait for a third of it.
            "spark.sql.files.maxPartitionBytes": "1m",
            "spark.ui.enabled": "false",
        }
        opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED]
        java = ["java", "-cp", f"{HOME}/jars/*", "-Xmx1g", *QUICK_JVM.split(), *opened]
        java += [
            "-Dio.netty.tryReflectionSetAccessible=true",
            "org.apache.spark.deploy.SparkSubmit",
        ]
        said = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        main = [
            "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer",
            "spark-internal",
        ]
        return [*java, "--master", f"local-cluster[2,{self._slots},1024]", *said, *main]

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"Spark did not start:\n{self._log.read_text()[-3000:]}")


def execute(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Runs statements in one session as the owner of the data would; the rows of the last one."""
    from catalog.engines import spark
    from catalog.engines.spark_connect import Session, address_of

    session = Session(address_of(url), time.monotonic() + 120)
    try:
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            rows = spark.answer(session, spark.sql_relation(statement))
        return rows
    finally:
        session.close()


def read(engine: Any, sql: str, seconds: float = 60.0) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names and rows of one statement, through the engine's own door."""
    from catalog.engines.arrow import rows_of

    stream = engine.run(sql, deadline=time.monotonic() + seconds, max_rows=None)
    try:
        rows = [row for batch in stream for row in rows_of(stream.schema_ipc, batch.ipc)]
    finally:
        stream.close()
    return [name for name, _ in stream.columns], rows


@contextlib.contextmanager
def running(scratch: Path, slots: int = 1) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    server = Server(scratch, slots)
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
