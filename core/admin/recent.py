"""What others changed lately among the records that the reader reaches: a panel of the start page."""

import datetime
from collections.abc import Sequence
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, IntegerField, Model, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import access
from core.admin.links import record_url
from core.audit import audited_models
from core.history import ACTIONS
from core.panels import Panel, Row, always, on_today
from core.records import Record

SHOWN = 6
LATELY = datetime.timedelta(days=14)
# So many of the newest entries are looked at: a start page does not read a whole log for a few lines.
LOOKED_AT = 200


@on_today(60, later=always)
def recent_changes(request: Any) -> Panel | None:
    kinds = _kinds(request.user)
    if not kinds:
        return None
    rows = [_row(entry, kinds[entry.content_type_id]) for entry in _newest(request.user, kinds)]
    return Panel(
        "recent-changes",
        _("Recent changes by others"),
        (_("Record"), _("What was done"), _("By"), _("Time")),
        rows,
        more_url=_log_url(request),
        empty=_("Nobody else has changed anything in the last two weeks."),
    )


def _kinds(user: Any) -> dict[int, type[Model]]:
    """The kinds of business records whose history the user may read, by their content type."""
    models = [model for model in audited_models() if issubclass(model, Record) and access.may_read_history(user, model)]
    return {kind.pk: model for model, kind in ContentType.objects.get_for_models(*models).items()}


def _newest(user: Any, kinds: dict[int, type[Model]]) -> list[LogEntry]:
    """One entry of each record, the newest."""
    # By a sum, so that the database reads the log backwards in time and not every entry of these kinds.
    entries = LogEntry.objects.alias(of=F("content_type_id") + 0).filter(of__in=kinds)
    entries = entries.filter(timestamp__gte=timezone.now() - LATELY)
    latest: dict[tuple[int, int], LogEntry] = {}
    for entry in entries.exclude(actor=user).select_related("actor").order_by("-timestamp", "-pk")[:LOOKED_AT]:
        latest.setdefault((entry.content_type_id, entry.object_id), entry)
    reached = _reached(user, kinds, list(latest))
    return [entry for key, entry in latest.items() if key in reached][:SHOWN]


def _reached(user: Any, kinds: dict[int, type[Model]], keys: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the records that the user reaches, in one query."""
    found = []
    for kind, model in kinds.items():
        if pks := [pk for of, pk in keys if of == kind]:
            records = access.scoped(user, model).filter(pk__in=pks).order_by()
            found.append(records.values_list(Value(kind, IntegerField()), "pk"))
    return set(found[0].union(*found[1:], all=True)) if found else set()


def _row(entry: LogEntry, model: Any) -> Row:
    meta = model._meta
    by = str(entry.actor) if entry.actor else (entry.additional_data or {}).get("actor_name", "")
    time = date_format(timezone.localtime(entry.timestamp), "SHORT_DATETIME_FORMAT")
    url = record_url(model(pk=entry.object_id))
    name = f"{capfirst(meta.verbose_name)}: {entry.object_repr}"
    return Row((name, str(ACTIONS.get(entry.action, "")), by, time), url)


def _log_url(request: Any) -> str | None:
    """The change history, for those who may read all of it."""
    page = admin.site._registry.get(LogEntry)
    allowed = page is not None and page.has_view_permission(request)
    return reverse("admin:auditlog_logentry_changelist") if allowed else None
