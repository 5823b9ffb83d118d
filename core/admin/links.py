"""Addresses of admin pages."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse

from core.records import Record


def _url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def record_url(record: Model) -> str:
    """Where a record is read; of what is no business record, its form."""
    return _url(type(record), "read" if isinstance(record, Record) else "change", record.pk)


def change_url(record: Model) -> str:
    """The form of a record."""
    return _url(type(record), "change", record.pk)


def list_url(model: type[Model], **parameters: Any) -> str:
    """The list, filtered by FilterSet parameters."""
    return _url(model, "changelist") + (f"?{urlencode(parameters)}" if parameters else "")


def add_url(model: type[Model], **initial: Any) -> str:
    return _url(model, "add") + (f"?{urlencode(initial)}" if initial else "")
