"""The product as a server runs it, gunicorn with several processes and the worker, on SQLite and on PostgreSQL.

@pytest.fixture(scope="module", params=DATABASES)
def server(request, tmp_path_factory):
    with fresh_database(request.param) as database_url:
        with started(database_url, tmp_path_factory.mktemp("server")) as server:
            yield server
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from deploy import postgres
from deploy.demo import Address, web_command
from deploy.run_tests import is_ci

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 20
GIVEN = os.environ.get("DATABASE_URL", "")
# Who runs these tests on a PostgreSQL of their own wants them there; otherwise they run on both by themselves.
DATABASES = ["postgres"] if GIVEN.startswith("postgres") else ["sqlite", "postgres"]


@contextlib.contextmanager
def fresh_database(kind):
    """The DATABASE_URL of an empty database of this kind; None stands for a SQLite file in the data directory."""
    if kind == "sqlite":
        yield None
        return
    with contextlib.ExitStack() as stack:
        server = GIVEN if GIVEN.startswith("postgres") else stack.enter_context(_cluster())
        name = f"liaison_{secrets.token_hex(4)}"
        _on(server, f"CREATE DATABASE {name}")
        stack.callback(_drop, server, name)
        yield urlsplit(server)._replace(path=f"/{name}").geturl()


@contextlib.contextmanager
def _cluster():
    if postgres.find_binaries() is None and not is_ci():
        pytest.skip("no PostgreSQL server found (on Debian: apt-get install postgresql)")
    with postgres.cluster() as url:
        yield url


def _on(server, statement):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _drop(server, name):
    """Waits for the server's own cleaning (autovacuum), which only a superuser may interrupt."""
    until = time.monotonic() + STOP_SECONDS
    while True:
        try:
            _on(server, f"DROP DATABASE {name} WITH (FORCE)")
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """A running site. Its processes are ended by `started`."""

    port: int
    data_dir: Path
    environment: dict
    processes: dict = field(default_factory=dict)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments, **variables):
        """Runs a management command on the site's data and answers what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def python(self, code):
        """Runs code in the site's shell and answers what it printed as JSON: `print(json.dumps(…))`."""
        return json.loads(self.manage("shell", "--no-imports", "-v", "0", "-c", f"import json\n{code}"))

    def superuser(self, username, password):
        account = {"DJANGO_SUPERUSER_USERNAME": username, "DJANGO_SUPERUSER_PASSWORD": password}
        self.manage("createsuperuser", "--noinput", "--email", "", **account)

    def token(self, username):
        return self.manage("create_token", username).strip()

    def start(self, name, command):
        """In a process group of its own, so that nothing of it can stay behind."""
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, process_group=0
            )

    def start_web(self):
        self.start("web", web_command(Address("127.0.0.1", self.port)))

    def start_worker(self):
        self.start("worker", [sys.executable, "manage.py", "worker"])

    def web_workers(self):
        """The processes of gunicorn that answer requests."""
        master = self.processes["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [int(pid) for pid in children]

    @property
    def log(self):
        """What web server and worker print."""
        return self.data_dir / "output.txt"

    def send(self, method, path, body=None, *, timeout=60, **headers):
        """One request on a connection of its own; names of headers are given with underscores.

        Raises OSError or HTTPException where no whole answer came.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if isinstance(body, dict):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def wait_until(self, path):
        """Until this page answers 200: `/livez`, or `/readyz` where a worker was started as well."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, f"the {name} ended by itself: {self.log.read_text()[-3000:]}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.send("GET", path, timeout=5).status == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(f"{path} is not ready after {READY_SECONDS} seconds: {self.log.read_text()[-3000:]}")

    def kill(self, name):
        """kill -9 of the whole process group, as when the power fails."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, name):
        process = self.processes[name]
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            del self.processes[name]


@contextlib.contextmanager
def started(database_url, data_dir, *, worker=False, static=False):
    """A migrated site that answers. `worker`: with the background worker. `static`: with what staff pages need."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = database_url or f"sqlite:///{data_dir / 'liaison.sqlite3'}"
    server = Server(port, data_dir, {**os.environ, "DATA_DIR": str(data_dir), "DATABASE_URL": database})
    server.manage("migrate", "--verbosity", "0")
    if static:
        server.manage("collectstatic", "--noinput", "--verbosity", "0")
    try:
        server.start_web()
        if worker:
            server.start_worker()
        server.wait_until("/readyz" if worker else "/livez")
        yield server
    finally:
        for name in list(server.processes):
            server.stop(name)
