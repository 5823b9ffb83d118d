"""Requests through the real WSGI handler, and the times of works taken in turns."""

import io
from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application

ROUNDS = 15
WARM_UP = 3


def asker(path: str, **headers: str) -> Callable[..., bytes]:
    """Sends GET requests; a path that it is called with replaces the one given here. The body of any answer but 200
    raises."""
    application = get_wsgi_application()

    def ask(query: str = "", path: str = path) -> bytes:
        statuses: list[str] = []
        response = application(_environ(path, query, headers), lambda status, headers: statuses.append(status))
        body = b"".join(response)
        response.close()
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path}?{query}: {statuses[0]}: {body[:500]!r}")
        return body

    return ask


def _environ(path: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def rounds(clock: Callable[[], float], *works: Callable[[], object]) -> list[list[float]]:
    """The time of each work by this clock, taken in turns, so that a busy moment of the machine hits all."""
    times: list[list[float]] = [[] for _work in works]
    for turn in range(WARM_UP + ROUNDS):
        for work, measured in zip(works, times, strict=True):
            start = clock()
            work()
            if turn >= WARM_UP:
                measured.append(clock() - start)
    return times
