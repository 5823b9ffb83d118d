"""The query parameters of lists. What is not known is refused: a typing error must not widen a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_filters.filters import BooleanFilter

from core import ordering
from core.api.pagination import DEFAULT_SIZE, LARGEST_SIZE, Cursor
from core.api.permissions import EXPORT_FORMATS
from core.api.problems import InvalidParameters
from core.columns import Column
from core.filters import filter_names
from core.resources import Resource

FORMATS = ("json", *EXPORT_FORMATS)
HEADERS = ("labels", "codes")
LIST_PARAMETERS = ("fields", "ordering", "page_size", "cursor", "format", "headers")


def invalid(parameter: str, message: str, code: str = "invalid") -> InvalidParameters:
    return InvalidParameters({parameter: ValidationError(message, code=code)})


def refuse_unknown(params: Iterable[str], known: Iterable[str]) -> None:
    known = sorted(known)
    message = _("There is no such parameter here. Known are: %(names)s.") % {"names": ", ".join(known) or "–"}
    unknown = {name: ValidationError(message, code="unknown") for name in params if name not in known}
    if unknown:
        raise InvalidParameters(unknown)


def refuse_vague_booleans(filterset: Any, params: Mapping[str, str]) -> None:
    """django-filter takes anything else than true or false for "no matter", which widens the list."""
    message = _("Give true or false.")
    errors = {
        name: ValidationError(message, code="invalid")
        for name, declared in filterset.base_filters.items()
        if isinstance(declared, BooleanFilter) and params.get(name, "").lower() not in ("", "true", "false")
    }
    if errors:
        raise InvalidParameters(errors)


def one_of(params: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = params.get(name, choices[0])
    if value not in choices:
        raise invalid(name, _("Choose one of: %(names)s.") % {"names": ", ".join(choices)})
    return value


@dataclass(frozen=True)
class ListRequest:
    """What a caller asked of a list, checked; the filters are the FilterSet's own."""

    columns: list[Column]
    names: tuple[str, ...] | None
    order: tuple[ordering.Key, ...]
    size: int
    cursor: Cursor | None
    format: str
    headers: str

    @classmethod
    def read(cls, resource: Resource, params: Mapping[str, str]) -> "ListRequest":
        """Raises InvalidParameters by parameter."""
        refuse_unknown(params, [*LIST_PARAMETERS, *filter_names(resource.filterset)])
        refuse_vague_booleans(resource.filterset, params)
        names = _names(resource, params)
        order = ordering.keys(resource.model, names or resource.ordering)
        return cls(
            columns=_columns(resource, params),
            names=names,
            order=order,
            size=_size(params),
            cursor=_cursor(params, order),
            format=one_of(params, "format", FORMATS),
            headers=one_of(params, "headers", HEADERS),
        )


def _names(resource: Resource, params: Mapping[str, str]) -> tuple[str, ...] | None:
    try:
        return resource.order_names(params.get("ordering", "")) or None
    except ValidationError as error:
        raise InvalidParameters(error.error_dict) from None


def _columns(resource: Resource, params: Mapping[str, str]) -> list[Column]:
    codes = dict.fromkeys(code.strip() for code in params.get("fields", "").split(",") if code.strip())
    try:
        return resource.columns.chosen(codes or None)
    except KeyError as error:
        known = ", ".join(column.code for column in resource.columns.all)
        message = _("There is no field “%(name)s”. Choose from: %(names)s.")
        raise invalid("fields", message % {"name": error.args[0], "names": known}, "unknown") from None


def _size(params: Mapping[str, str]) -> int:
    text = params.get("page_size", str(DEFAULT_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= LARGEST_SIZE):
        raise invalid("page_size", _("Give a whole number from 1 to %(largest)s.") % {"largest": LARGEST_SIZE})
    return int(text)


def _cursor(params: Mapping[str, str], order: tuple[ordering.Key, ...]) -> Cursor | None:
    text = params.get("cursor", "")
    if text and params.get("format") in EXPORT_FORMATS:
        raise invalid("cursor", _("An export is always complete. Leave the cursor out."))
    return Cursor.decode(text, order) if text else None
