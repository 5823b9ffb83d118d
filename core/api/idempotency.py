"""Idempotency-Key on POST: a request that is repeated, because its answer was lost, has one effect.

It means what the draft "The Idempotency-Key HTTP Header Field" of the IETF says. The answer is kept in the transaction
of the effect, so there is never one without the other, whenever a process dies. Only success is kept: after an error
nothing was stored, and the same key may be used again.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from core import access
from core.api.problems import KeyReused, StillRunning
from core.api.renderers import OrjsonRenderer
from core.columns import Columns
from core.idempotency import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 255
# A structured field holds a string in quotation marks; many clients send the bare text.
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_KEY = re.compile(rf"[ -~]{{1,{LONGEST}}}")
_KEPT_HEADERS = ("ETag", "Location")


def key_of(request: Any) -> str | None:
    """The key of the request, None without one. Raises ParseError for one that cannot be a key."""
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    header = header.strip(" \t")
    quoted = _QUOTED.fullmatch(header)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header
    if not _KEY.fullmatch(key):
        message = _("Idempotency-Key must have 1 to %(most)d printable ASCII characters, such as a UUID.")
        raise ParseError(message % {"most": LONGEST})
    return key


def once(view: Any, request: Any, key: str, handle: Callable[[], Any]) -> Any:
    """What `handle` answers; to a request that was answered before, the kept answer again.

    Raises StillRunning while the first is at work, and KeyReused if it was another request.
    """
    asked = {"method": request.method, "path": request.get_full_path(), "digest": _digest(request.data)}
    with transaction.atomic():
        _lock(request.user, key)
        kept = KeptAnswer.current(request.user, key)
        if kept is not None:
            return _replayed(view, kept, asked)
        response = handle()
        if response.status_code < 300:
            _keep(response, user=request.user, key=key, **asked)
        return response


def _lock(user: Any, key: str) -> None:
    """One request at a time with this key. SQLite has one writer at a time anyway: there the second one waits."""
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(f"{user.pk}:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillRunning


def _digest(data: Any) -> str:
    """Of what the body says, not of its bytes: the boundary of a form and the order of keys differ between retries."""
    if isinstance(data, MultiValueDict):
        data = {name: [_text(value) for value in values] for name, values in data.lists()}
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _text(value: Any) -> Any:
    if not hasattr(value, "chunks"):
        return value
    content = hashlib.sha256()
    for chunk in value.chunks():
        content.update(chunk)
    value.seek(0)
    return [value.name, content.hexdigest()]


def _keep(response: Any, **asked: Any) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    headers["Content-Language"] = get_language()
    body = OrjsonRenderer().render(response.data) if hasattr(response, "data") else response.content
    KeptAnswer(status=response.status_code, headers=headers, body=body.decode(), **asked).save()


def _replayed(view: Any, kept: KeptAnswer, asked: dict[str, str]) -> HttpResponse:
    if any(getattr(kept, name) != value for name, value in asked.items()):
        raise KeyReused
    body = orjson.dumps(view.seen_now(orjson.loads(kept.body))) if kept.body else b""
    headers = {**kept.headers, REPLAYED: "true"}
    return HttpResponse(body, status=kept.status, content_type=OrjsonRenderer.media_type, headers=headers)


def without_unseen_links(columns: Columns, row: dict[str, Any], user: Any) -> dict[str, Any]:
    """The row as it was, less the links to records that the user no longer sees."""
    for column in columns.all:
        if column.kind == "parts":
            row[column.code] = [without_unseen_links(column.schema, part, user) for part in row[column.code]]
        elif (target := _restricted_target(columns.model, column.code)) is not None:
            row |= _seen_links(column.code, row, access.scoped(user, target))
    return row


def _restricted_target(model: Any, name: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    asks = field.many_to_many or (field.is_relation and access.is_restricted(field.related_model))
    return field.related_model if asks else None


def _seen_links(name: str, row: dict[str, Any], reachable: Any) -> dict[str, Any]:
    ids, names = row[name], row[f"{name}_display"]
    if isinstance(ids, list):
        seen = reachable.in_bulk(ids)
        links = [(pk, text) for pk, text in zip(ids, names, strict=True) if pk in seen]
        return {name: [pk for pk, _text in links], f"{name}_display": [text for _pk, text in links]}
    if ids is None or reachable.filter(pk=ids).exists():
        return {}
    return {name: None, f"{name}_display": ""}
