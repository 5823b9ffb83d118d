"""`make demo`: prepare the database, load the sample data, serve it, and stop everything on Ctrl-C."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.setup_env import DEMO_SETTINGS, ENV_FILE, write_if_missing

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
STOP_SECONDS = 20
STEPS = (
    ["migrate", "--verbosity", "0"],
    ["compile_translations"],
    ["collectstatic", "--noinput", "--verbosity", "0"],
    ["load_demo"],
)
PORT_ERRORS = {errno.EADDRINUSE, errno.EACCES}
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  to bind to one is the caller's choice


class DemoError(RuntimeError):
    """The demo cannot run; the message says what to do about it."""


@dataclass(frozen=True)
class Address:
    """Where the demo listens."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        """HOST and PORT come through the Makefile; only this machine can reach the default."""
        port = os.environ.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise DemoError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        return cls(os.environ.get("HOST") or "127.0.0.1", int(port))

    @property
    def bind(self) -> str:
        """The form that gunicorn takes."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """Listening on every address is answered on the loopback one."""
        return EVERY_ADDRESS.get(self.host, self.host)

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://{Address(self.reachable_host, self.port).bind}/"


@dataclass
class Processes:
    """The web server and the worker: they live and end together."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False

    def start(self, name: str, command: list[str]) -> None:
        """In a process group of its own: the terminal's Ctrl-C must reach the child once, through `stop`."""
        self.running[name] = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, process_group=0)

    def request_stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Only note it: the main loop is the one place that stops children."""
        self.stopping = True

    def raise_if_one_died(self) -> None:
        """Half a demo would look alive and lose its background work."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise DemoError(f"The {name} ended by itself (exit code {process.returncode}); its messages are above.")

    def stop(self) -> None:
        """Ask all first, then wait, so that the time does not add up."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def check_port(address: Address) -> None:
    """Before anything else: nobody wants to wait for the sample data to learn this."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            advice = (
                "Choose another port: make demo PORT=8001" if error.errno in PORT_ERRORS else "Check HOST and PORT."
            )
            raise DemoError(f"Cannot listen on {address.bind}: {error.strerror}. {advice}") from error


def check_demo_settings() -> None:
    """Sample data must not get into a real database because somebody typed `make demo` on a server."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
    in_file = dict(line.partition("=")[::2] for line in lines if not line.startswith("#"))
    value = os.environ.get("DEMO", in_file.get("DEMO", ""))
    if value.strip().lower() != "true":
        raise DemoError(
            f"{ENV_FILE.name} does not say DEMO=true: this may be a real installation. Nothing was changed."
        )


def manage(*arguments: str) -> list[str]:
    """Command line of a management command."""
    return [sys.executable, "manage.py", *arguments]


def prepare() -> None:
    """Every step is safe to repeat; a second start does little."""
    for step in STEPS:
        if subprocess.run(manage(*step), cwd=ROOT, check=False).returncode:
            raise DemoError(f"manage.py {step[0]} failed; its messages are above.")


def web_command(address: Address) -> list[str]:
    """Two processes, as in production, so that nothing quietly depends on there being one.

    No control socket: it has one fixed place per user, where two demos would meet.
    """
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address.bind),
        *("--workers", "2", "--threads", "4", "--log-level", "warning", "--no-control-socket"),
    ]


def readiness(address: Address) -> str:
    """What /readyz answers, as text for a message."""
    connection = http.client.HTTPConnection(address.reachable_host, address.port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def wait_until_ready(address: Address, processes: Processes) -> bool:
    """False when somebody stopped the demo before it was up."""
    answer = "nothing"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if processes.stopping:
            return False
        processes.raise_if_one_died()
        answer = readiness(address)
        if answer == "200":
            return True
        time.sleep(0.2)
    raise DemoError(f"Not ready after {READY_SECONDS} seconds: {address.url}readyz answers {answer}.")


def announce(address: Address) -> None:
    """load_demo has printed users and passwords; here follows where to use them."""
    print(f"\nLiaison is running:  {address.url}\nStaff page:          {address.url}admin/")
    print("Users and passwords are listed above. Stop with Ctrl-C.", flush=True)


@contextmanager
def stopped_at_exit(processes: Processes) -> Iterator[None]:
    """Whatever happens, no child outlives this script."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, processes.request_stop)
    try:
        yield
    finally:
        processes.stop()


def serve(address: Address) -> None:
    """Return when a person stopped the demo; raise when it stopped by itself."""
    processes = Processes()
    with stopped_at_exit(processes):
        processes.start("web server", web_command(address))
        processes.start("worker", manage("worker"))
        if wait_until_ready(address, processes):
            announce(address)
        while not processes.stopping:
            processes.raise_if_one_died()
            time.sleep(0.2)
        print("\nStopping ...", flush=True)


def interrupt(_signum: int, _frame: FrameType | None) -> None:
    """Let SIGTERM unwind like Ctrl-C, so that `subprocess.run` does not leave its step behind."""
    raise KeyboardInterrupt


def main() -> int:
    """Exit with 0 when the running demo was stopped, with 1 when something is wrong."""
    signal.signal(signal.SIGTERM, interrupt)
    try:
        address = Address.from_environment()
        check_port(address)
        if write_if_missing(ENV_FILE, DEMO_SETTINGS):
            print(f"{ENV_FILE.name}: written with a new secret key", flush=True)
        check_demo_settings()
        prepare()
        serve(address)
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
