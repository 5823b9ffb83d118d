"""Log lines without secrets. Imported by gunicorn before Django is set up, so it knows neither models nor settings."""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger

# The mark of a token or of a calendar's address, also percent-encoded, and what follows. Its beginning stays: people
# recognise it by that.
SECRET = re.compile(r"(ls[nc](?:_|%5f)[\w-]{6})[\w%-]{14,}", re.IGNORECASE)


def redacted(text: str) -> str:
    return SECRET.sub(r"\1…", text)


class Formatter(logging.Formatter):
    """Takes tokens out of the finished line: message, arguments and traceback alike."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class GunicornLogger(Logger):
    """Gunicorn's own log lines (`gunicorn.conf.py`); on an error it writes the whole address of the request."""

    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, Formatter(fmt._fmt, fmt.datefmt), stream)
