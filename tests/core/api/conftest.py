import pytest

from core.tokens import ApiToken
from tests.core.api.calling import Caller


@pytest.fixture
def api():
    """`api(user)` answers a program that may do what the user may; `api(user, scope="read")` one that only reads."""

    def caller(user, *, language="", **fields):
        _token, secret = ApiToken.issue(user, "test", **{"scope": "write", "may_export": True, **fields})
        return Caller(secret, language)

    return caller
