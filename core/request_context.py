"""Who is acting now: the one place that models, audit and logs ask for the current user, address and request id."""

import contextlib
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Context:
    """The actor of the current unit of work; `user` is filled late by API authentication, hence not frozen."""

    user: Any = None
    address: str | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)


_current: ContextVar[Context | None] = ContextVar("liaison_context", default=None)


def current() -> Context | None:
    return _current.get()


def current_user() -> Any:
    """The authenticated user of this unit of work, or None (commands, anonymous pages)."""
    context = _current.get()
    user = context.user if context else None
    return user if user is not None and user.is_authenticated else None


def current_address() -> str | None:
    """Where the request of this unit of work came from."""
    context = _current.get()
    return context.address if context else None


@contextlib.contextmanager
def acting(user: Any = None, address: str | None = None, request_id: str = "") -> Iterator[Context]:
    """Everything written inside the block is stamped and audited as done by `user`."""
    context = Context(user=user, address=address, request_id=request_id or uuid.uuid4().hex)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
