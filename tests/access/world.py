"""The cast of the matrix, its records and what it sends."""

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from core import resources
from core.api.serializers import serializer_for
from core.exports_log import ExportLog
from core.imports.models import Import
from core.saved_views import SavedView
from core.tokens import ApiToken
from core.worker import WorkerBeat
from crm.leads import STAGE_FLOW
from tests.access import expected
from tests.factories import BY_RESOURCE, StationFactory, UserFactory
from tests.filled import MAKE, filled
from tests.pages import record_form
from tests.ways import Api, Form

NOWHERE = 999_999_999
STATIONS = {name for name in expected.models() if expected.told()["records"][name][0] == "station"}
OF_ROLE = {
    "officer": "Officer", "event manager": "Event manager", "contract manager": "Contract manager",
    "auditor": "Auditor", "director": "Director", "program": "Integration",
}  # fmt: skip
TOKENS = {
    "reading token": {"scope": "read"},
    "exporting token": {"scope": "read", "may_export": True},
    "writing token": {"scope": "write"},
}
# Bodies of new records that no factory of the API tests makes.
NEW = {
    "core.user": {
        "username": "newcomer", "usable_password": "true", "password1": "correct horse battery",
        "password2": "correct horse battery", "language": "en", "time_zone": "Asia/Tokyo", "is_staff": "on",
    },
    "core.savedview": {"name": "Mine", "list": "organizations"},
    "core.apitoken": {"name": "reporting", "scope": "read", "expires_at_0": "", "expires_at_1": "00:00:00"},
}  # fmt: skip
# Written by looking, too: the session's own row, failed logins, when a token was last used.
BESIDE = re.compile(r'"(core_session|core_signin|axes_\w+)"|^UPDATE "core_apitoken" SET "last_used_at"')


@dataclass
class Sent:
    """An answer, without what differs from request to request."""

    status: int
    body: str
    headers: dict[str, str]
    wrote: list[str]


@dataclass
class Actor:
    """Somebody in a role. Each request begins with the same cookies, so that signing out ends nothing."""

    role: str
    user: Any = None
    secret: str = ""
    session: str = ""

    def client(self) -> Client:
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        client = Client(headers=headers, raise_request_exception=True)
        if self.session:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return client


class World:
    def __init__(self) -> None:
        self.tokyo, self.osaka = StationFactory(name="Tokyo station"), StationFactory(name="Osaka station")
        program = UserFactory(username="program", role="Integration", is_staff=False)
        self.actors = {role: self._actor(role, said, program) for role, said in expected.told()["roles"].items()}
        self._records: dict[tuple[str, str], Any] = {}
        WorkerBeat.beat("worker")

    def _actor(self, role: str, said: dict[str, Any], program: Any) -> Actor:
        if said["by"] == "nothing":
            return Actor(role)
        if said["by"] == "token":
            return Actor(role, program, ApiToken.issue(program, role, **TOKENS[role])[1])
        station = self.osaka if said.get("elsewhere") else self.tokyo
        at = station if said.get("column") in ("officer", "event manager", "contract manager") else None
        user = UserFactory(username=role.replace(" ", "-"), role=OF_ROLE.get(said.get("column", "")), station=at)
        client = Client()
        client.force_login(user)
        return Actor(role, user, session=client.cookies[settings.SESSION_COOKIE_NAME].value)

    @property
    def director(self) -> Client:
        return self.actors["director"].client()

    def station_of(self, role: str) -> Any:
        return self.osaka if expected.told()["roles"][role].get("elsewhere") else self.tokyo

    # -- records

    def record(self, label: str, variant: str = "") -> Any:
        """A record of the Tokyo station, or of the officer; None of models that only others' code makes."""
        key = (label, variant)
        if key not in self._records:
            self._records[key] = self._make(apps.get_model(label), variant)
        return self._records[key]

    def _make(self, model: Any, variant: str) -> Any:
        if model not in MAKE:
            return None
        fields: dict[str, Any] = {}
        if any(field.name == "station" for field in model._meta.fields):
            fields["station"] = self.tokyo
        fields |= {
            field.name: self.record(field.related_model._meta.label_lower)
            for field in model._meta.fields
            if field.is_relation and field.related_model in MAKE and field.related_model._meta.label_lower in STATIONS
        }
        if model in (ApiToken, Import, SavedView):
            fields["user"] = self.actors["officer"].user
        if variant == "unlinked":
            fields["lead"] = None
        slug = next((word for word in variant.split() if word in BY_RESOURCE), "")
        record = BY_RESOURCE[slug](**fields) if slug else filled(model, **fields)
        if model is ExportLog:
            ExportLog.objects.filter(pk=record.pk).update(user=self.actors["officer"].user)
        return self._variant(record, variant)

    def _variant(self, record: Any, variant: str) -> Any:
        if "archived" in variant:
            record.archive("registered twice")
        elif variant == "qualified":
            STAGE_FLOW.move(record, "qualified")
        elif variant == "filed":
            record.file.save("contract.pdf", ContentFile(b"%PDF-1.4 a contract"))
        return record

    # -- addresses

    def address(self, path: str, said: dict[str, Any], record: Any, pk: Any) -> str:
        """The address with its blanks filled in, for this record or, with another `pk`, for none."""
        args = {**said.get("args", {}), "name": self._file_name(record, pk), "content_type_id": self._kind(record)}

        def fill(blank: re.Match[str]) -> str:
            return str(args.get(blank[1]) or pk)

        return re.sub("<([a-z_]+)>", fill, path)

    def _file_name(self, record: Any, pk: Any) -> str | None:
        stored = getattr(record, "file", None)
        if not stored:
            return None
        return str(stored.name) if pk == record.pk else f"projects.contract/{NOWHERE}/contract.pdf"

    def _kind(self, record: Any) -> int | None:
        return ContentType.objects.get_for_model(record).pk if record is not None else None

    # -- bodies

    def body(self, said: dict[str, Any], model: str, slug: str, role: str, record: Any, pk: Any) -> Any:
        """What is sent, right for the role, so that a refusal is never for the body's sake."""
        wanted = said.get("body", {})
        if isinstance(wanted, dict):
            version = getattr(record, "version", 0)
            known = {"$record": pk, "$version": version, "$wanted": f"{pk}:{version}"}
            if "$other" in wanted.values():
                other = self.record(model, "another")
                known |= {"$other": other.pk, "$other_version": other.version}
            return _with(wanted, {**known, "$station": self.station_of(role).pk})
        station = {"station": self.station_of(role).pk}
        made = dict(self._made(wanted, model, slug or _slug(model), record))
        if wanted.startswith("new") and "station" in made:
            made |= station
        if expected.told()["roles"][role].get("elsewhere"):  # who sees an empty field sends it back as it is
            empty = "" if "form" in wanted else None
            made |= dict.fromkeys((name for name in _to_stations(model) if name in made), empty)
        return made

    def _made(self, wanted: str, model: str, slug: str, record: Any) -> dict[str, Any]:
        key = (wanted, model + slug)
        if key not in self._bodies:
            self._bodies[key] = getattr(self, "_" + wanted.replace(" ", "_"))(model, slug, record)
        return self._bodies[key]

    @cached_property
    def _bodies(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {}

    def _new_form(self, model: str, slug: str, record: Any) -> dict[str, Any]:
        if model in NEW:
            return record_form(self.director, reverse(f"admin:{model.replace('.', '_')}_add")) | {
                name: value for name, value in NEW[model].items() if value
            }
        return Form(self.director, slug).data if slug else {"name": "x"}

    def _form(self, model: str, slug: str, record: Any) -> dict[str, Any]:
        if record is None or not expected.may("director", "C", model):
            return {"name": "x"}
        return record_form(self.director, reverse(f"admin:{model.replace('.', '_')}_change", args=[record.pk]))

    def _new_json(self, model: str, slug: str, record: Any) -> dict[str, Any]:
        return Api(self.director, slug).body

    def _json(self, model: str, slug: str, record: Any) -> dict[str, Any]:
        shown = self.director.get(f"/api/v1/{slug}/{record.pk}/").json()
        fields = serializer_for(resources.get(slug))().fields
        return {name: shown[name] for name in fields if name in shown and name != "file"}

    # -- requests

    def ask(self, role: str, method: str, address: str, body: Any = None) -> Sent:
        """Sends the request and undoes what it did. Of a refused one, `wrote` says what it left behind."""
        client, wrote = self.actors[role].client(), []

        def note(execute, sql, params, many, context):
            if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not BESIDE.search(sql):
                wrote.append(sql)
            return execute(sql, params, many, context)

        files = stored_files()
        with rolled_back():
            with connection.execute_wrapper(note):
                response = self._send(client, method, address, body)
                text = b"".join(response) if response.streaming else response.content
            after = digest() if wrote else ""
        left = wrote if wrote and after != digest() else []
        left += [f"file {name}" for name in stored_files() - files]
        headers = {name: response[name] for name in ("Content-Type", "Allow", "ETag", "Location") if name in response}
        return Sent(response.status_code, plain(text.decode("utf-8", errors="replace")), headers, left)

    def _send(self, client: Client, method: str, address: str, body: Any) -> Any:
        if method in expected.SAFE:
            return client.generic(method, address)
        if address.startswith("/api/"):
            content, kind = json.dumps(body or {}), "application/json"
        else:
            content, kind = urlencode(body or {}, doseq=True), "application/x-www-form-urlencoded"
        return client.generic(method, address, content, content_type=kind, headers={"If-Match": "*"})


def _with(value: Any, known: dict[str, Any]) -> Any:
    """The table with what stands for its placeholders."""
    if isinstance(value, dict):
        return {name: _with(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, known) for inner in value]
    return known.get(value, value) if isinstance(value, str) else value


def _to_stations(model: str) -> list[str]:
    """Relations to records that a station has for itself."""
    fields = apps.get_model(model)._meta.fields
    return [f.name for f in fields if f.is_relation and f.related_model._meta.label_lower in STATIONS]


def _slug(model: str) -> str:
    found = apps.get_model(model)
    slugs = [r.slug for r in resources.everything().values() if r.model is found and r.within is None]
    return slugs[0] if slugs else ""


@contextlib.contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def plain(text: str) -> str:
    """Without the CSRF token, which is another one on every page."""
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def stored_files() -> set[str]:
    root = getattr(default_storage, "location", "")
    return {str(path) for path in _tree(root)}


def _tree(root: str) -> list[Any]:
    return [path for path in Path(root).rglob("*") if path.is_file()] if root else []


LEFT_OUT = ("sessions.", "axes.")


def digest() -> str:
    """Of everything stored, but for sessions, logins and the last use of tokens."""
    found = hashlib.sha256()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label_lower.startswith(LEFT_OUT):
            continue
        fields = [field.attname for field in model._meta.concrete_fields if field.name != "last_used_at"]
        for row in model._base_manager.order_by("pk").values_list(*fields):
            found.update(repr(row).encode())
    return found.hexdigest()
