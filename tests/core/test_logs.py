"""Log lines without secrets."""

import io
import logging

import pytest

from core.logs import Formatter, GunicornLogger, redacted
from core.tokens import MARK, SHAPE

SECRET = f"{MARK}AbCdEf0123456789-_AbCdEf0123456789-_AbCdEf0"


def lines(write):
    """What a logger with our formatter puts out."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter("{message}", style="{"))
    logger = logging.Logger("test")  # noqa: LOG001  one of its own, which nothing else listens to
    logger.addHandler(handler)
    write(logger)
    return stream.getvalue()


def test_the_example_is_a_token():
    assert SHAPE.fullmatch(SECRET)


@pytest.mark.parametrize(
    "text", [SECRET, f"/api/v1/{SECRET}/", f"?token={SECRET}&x=1", SECRET.replace("_", "%5F", 1), SECRET.upper()]
)
def test_a_token_loses_all_but_its_beginning(text):
    assert SECRET[10:].upper() not in redacted(text).upper()
    assert "…" in redacted(text)


@pytest.mark.parametrize("text", ["lsn_AbCdEf…", "the token (lsn_AbCdEf…) is revoked", "a_lsn_b", ""])
def test_what_is_no_secret_stays(text):
    assert redacted(text) == text


def test_arguments_and_tracebacks_are_read_too():
    def write(logger):
        try:
            raise ValueError(SECRET)
        except ValueError:
            logger.exception("failed for %s", SECRET)

    text = lines(write)
    assert "Traceback" in text
    assert SECRET not in text


def test_gunicorn_writes_the_same_way(capfd):
    from gunicorn.config import Config  # noqa: PLC0415  only this test needs a server

    logger = GunicornLogger(Config())
    logger.error("Error handling request /?token=%s", SECRET)
    text = capfd.readouterr().err
    assert "Error handling request" in text
    assert SECRET not in text
