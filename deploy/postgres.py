"""A private, throw-away PostgreSQL for tests and measurements: no password, no service, nothing left behind.

As a context manager, `with cluster() as url: ...`; as a command, `python -m deploy.postgres -- COMMAND ...` runs a
command with DATABASE_URL set, and without a command the server runs until Ctrl-C.
"""

import argparse
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROLE = "liaison"
PACKAGED = Path("/usr/lib/postgresql")  # where Debian keeps the server, outside PATH
START_SECONDS = 30
STOP_SECONDS = 10
START_ATTEMPTS = 3
SOCKET_PATH_LIMIT = 80  # the kernel stops at 107 bytes, file name included

# Durability is worth nothing in a cluster that is deleted at exit, and costs most of the time of a test run.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]


class PostgresError(RuntimeError):
    """The private cluster cannot be had; the message says why in words for the person at the terminal."""


@dataclass(frozen=True)
class Layout:
    """Where one cluster lives and as whom it runs."""

    binaries: Path
    home: Path
    owner: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        """Data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """Everything the server and the set-up commands print."""
        return self.home / "log"

    def popen(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program of the cluster in a process group of its own.

        Ctrl-C goes to the whole group of the terminal; the server has to outlive the tests that it serves.
        """
        user, group = (self.owner.pw_uid, self.owner.pw_gid) if self.owner else (None, None)
        program = str(self.binaries / command[0])
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=_clean_environment(self.home),
                user=user,
                group=group,
                extra_groups=[] if self.owner else None,
                process_group=0,
            )

    def run(self, *command: str) -> None:
        """Run a program of the cluster to its end."""
        if self.popen(*command).wait(timeout=120):
            raise PostgresError(f"{command[0]} failed:\n{self.log_tail()}")

    def log_tail(self) -> str:
        """The end of the log, which is deleted together with the cluster."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def _clean_environment(home: Path) -> dict[str, str]:
    """Without the caller's PG* variables, which would point the commands at another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"HOME": str(home), "LC_ALL": "C.UTF-8"}


def find_binaries() -> Path | None:
    """The directory of `initdb` and `postgres`: the one in PATH, else the newest of Debian's packages."""
    in_path = shutil.which("initdb")
    if in_path and (Path(in_path).resolve().parent / "postgres").exists():
        return Path(in_path).resolve().parent
    packaged = [path.parent for path in PACKAGED.glob("*/bin/initdb")]
    return max(packaged, key=_version, default=None)


def _version(binaries: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", binaries.parent.name))


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.")


def _make_home(owner: pwd.struct_passwd | None) -> Path:
    """A directory that its owner alone can enter; short enough for the socket inside."""
    base = tempfile.gettempdir()
    home = Path(tempfile.mkdtemp(prefix="liaison-pg-", dir=base if len(base) < SOCKET_PATH_LIMIT else "/tmp"))  # noqa: S108
    if owner:
        os.chown(home, owner.pw_uid, owner.pw_gid)
    return home


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _initialise(layout: Layout) -> None:
    """The superuser stays `postgres`, so that tests meet the same limits as the role of a real installation."""
    layout.run(
        *("initdb", "--pgdata", str(layout.data), "--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    )


def _start(layout: Layout) -> tuple[subprocess.Popen[bytes], int]:
    """Try again with another port when somebody took the free one in between."""
    for _ in range(START_ATTEMPTS):
        port = _free_port()
        server = layout.popen(
            *("postgres", "-D", str(layout.data), "-p", str(port)),
            *("-h", "127.0.0.1", "-k", str(layout.home), *FAST),
        )
        try:
            if _wait_until_ready(layout, server, port):
                return server, port
        except BaseException:
            _stop(server)
            raise
    raise PostgresError(f"PostgreSQL does not start:\n{layout.log_tail()}")


def _wait_until_ready(layout: Layout, server: subprocess.Popen[bytes], port: int) -> bool:
    """False when the server ended by itself."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return False
        if layout.popen("pg_isready", "-q", "-h", str(layout.home), "-p", str(port)).wait() == 0:
            return True
        time.sleep(0.1)
    raise PostgresError(f"PostgreSQL is not ready after {START_SECONDS} seconds:\n{layout.log_tail()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown: it does not wait for clients that are still connected."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(request)
        try:
            server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _create_database(layout: Layout, port: int) -> None:
    """The role may create databases, because each test process makes its own."""
    where = ("--host", str(layout.home), "--port", str(port), "--username", "postgres")
    layout.run("createuser", *where, "--createdb", ROLE)
    layout.run("createdb", *where, "--owner", ROLE, ROLE)


@contextmanager
def _sigterm_unwinds() -> Iterator[None]:
    """By default SIGTERM ends Python without a `finally`, and the server would stay behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(signum: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def cluster() -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh server that listens on the loopback address only."""
    binaries = find_binaries()
    if binaries is None:
        raise PostgresError("No PostgreSQL server found. On Debian: apt-get install postgresql")
    with _sigterm_unwinds():
        owner = unprivileged_user()
        layout = Layout(binaries, _make_home(owner), owner)
        try:
            _initialise(layout)
            server, port = _start(layout)
            try:
                _create_database(layout, port)
                yield f"postgres://{ROLE}@127.0.0.1:{port}/{ROLE}"
            finally:
                _stop(server)
        finally:
            shutil.rmtree(layout.home, ignore_errors=True)


def _run_command(command: list[str], environment: Mapping[str, str]) -> int:
    """Run with the server's address and pass the exit code on."""
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def main() -> int:
    """Serve a command, or wait for Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="*", help="run this with DATABASE_URL set, then stop the server")
    command = parser.parse_args().command
    try:
        with cluster() as url:
            if command:
                return _run_command(command, {"DATABASE_URL": url})
            print(f"DATABASE_URL={url}\nStop with Ctrl-C.", flush=True)
            while True:
                signal.pause()
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if not command else 130


if __name__ == "__main__":
    raise SystemExit(main())
