"""What is wrong with a form, for the summary above it: each message with links to the fields that it is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils.text import capfirst


@dataclass(frozen=True)
class Link:
    label: str
    target: str  # the id of a control


@dataclass(frozen=True)
class Problem:
    """`place` names the row of parts that it is in."""

    message: str
    links: list[Link]
    place: str = ""


def problems(form: Any, inlines: Iterable[Any]) -> list[Problem]:
    """Those of the record's own form, then those of its parts, row by row."""
    found = list(_of_form(form))
    for inline in inlines:
        heading = Link(str(capfirst(inline.opts.verbose_name_plural)), f"{inline.formset.prefix}-group")
        found += [Problem(message, [heading]) for message in inline.formset.non_form_errors()]
        for number, row in enumerate(inline.formset.forms, start=1):
            found += _of_form(row, f"{capfirst(inline.opts.verbose_name)} {number}")
    return found


def _of_form(form: Any, place: str = "") -> Iterator[Problem]:
    for error in form.non_field_errors().as_data():
        if error.code != "conflict":  # that one has a box of its own
            names = [name for name in fields_of(form._meta.model, error) if name in form.fields]
            yield Problem(error.messages[0], [_link(form[name]) for name in names], place)
    for bound in form:
        for message in bound.errors:
            yield Problem(message, [_link(bound)], place)


def _link(bound: Any) -> Link:
    # An input in two halves (day and time) has no id of its own.
    return Link(str(capfirst(bound.label)), bound.id_for_label or f"{bound.auto_id}_0")


def fields_of(model: type[Model], error: ValidationError) -> list[str]:
    """The fields that a rule about several of them is about: those of the constraint whose message it is."""
    params: Any = error.params or {}
    if "unique_check" in params:
        return list(params["unique_check"])
    for constraint in model._meta.constraints:
        if str(constraint.violation_error_message) == str(error.message):
            condition = getattr(constraint, "condition", None)
            return list(dict.fromkeys(getattr(constraint, "fields", ()) or _named_in(condition)))
    return []


def _named_in(condition: Any) -> Iterator[str]:
    children: Any = condition.children if isinstance(condition, Q) else ()
    for child in children:
        if isinstance(child, Q):
            yield from _named_in(child)
        else:
            yield child[0].partition("__")[0]
