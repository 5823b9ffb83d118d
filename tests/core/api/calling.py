"""A caller of the API, as a program with a token."""

import json
from dataclasses import dataclass, field

from django.test import Client

BASE = "/api/v1"


@dataclass
class Caller:
    """`Caller(secret).get("leads/")`; bodies are JSON unless `raw` is given."""

    secret: str = ""
    language: str = ""
    client: Client = field(default_factory=Client)

    def call(self, method, path, body=None, *, match=None, raw=None, content_type="application/json", headers=None):
        headers = dict(headers or {})
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        if match is not None:
            headers["If-Match"] = match
        if self.language:
            headers["Accept-Language"] = self.language
        data = raw if raw is not None else "" if body is None else json.dumps(body)
        address = path if path.startswith(("http", "/")) else f"{BASE}/{path}"
        if method in ("get", "head"):
            return getattr(self.client, method)(address, headers=headers)
        return self.client.generic(method.upper(), address, data, content_type=content_type, headers=headers)

    def get(self, path, **kwargs):
        return self.call("get", path, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.call("post", path, body, **kwargs)

    def put(self, path, body=None, **kwargs):
        return self.call("put", path, body, **kwargs)

    def patch(self, path, body=None, **kwargs):
        return self.call("patch", path, body, **kwargs)


def errors(response):
    """The errors of a problem document as {pointer: code}."""
    assert response["Content-Type"] == "application/problem+json", response.content
    return {entry["pointer"]: entry["code"] for entry in response.json().get("errors", ())}


def message(response, pointer):
    return next(entry["detail"] for entry in response.json()["errors"] if entry["pointer"] == pointer)
