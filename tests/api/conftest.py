from tests.core.api.conftest import api

__all__ = ["api"]
