"""The parts of a record in its body: the list given is the list stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.serializers import as_serializer_error

from core import access
from core.records import Part


def split_many(model: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Values that an instance takes, and the many-to-many ones that can be stored only after it."""
    many = {field.name for field in model._meta.many_to_many}
    plain = {name: value for name, value in values.items() if name not in many}
    return plain, {name: value for name, value in values.items() if name in many}


def set_many(record: Any, user: Any, values: Mapping[str, list[Any]]) -> None:
    """Stores the links; those to records that the caller cannot see stay, since the caller cannot have meant them."""
    for name, chosen in values.items():
        getattr(record, name).set([*chosen, *_unseen(record, user, name)])


def without_unseen(record: Any, user: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without `null` for relations whose target the caller cannot see: it was shown to them as `null`."""
    return {name: value for name, value in values.items() if value is not None or not _hides(record, user, name)}


def _hides(record: Any, user: Any, name: str) -> bool:
    field = record._meta.get_field(name)
    if not field.is_relation or not access.is_restricted(field.related_model):
        return False
    pk = getattr(record, field.attname)
    return pk is not None and not access.scoped(user, field.related_model).filter(pk=pk).exists()


def _unseen(record: Any, user: Any, name: str) -> list[Any]:
    target = record._meta.get_field(name).related_model
    if not access.is_restricted(target) and access.may(user, "view", target):
        return []
    return list(getattr(record, name).exclude(pk__in=access.scoped(user, target).values("pk")))


def replace_parts(whole: Any, model: type[Part], rows: Sequence[Mapping[str, Any]], user: Any) -> None:
    """Rows with an id change that part, rows without make one, and parts that no row names are deleted.

    Raises the API's ValidationError by row.
    """
    present = {part.pk: part for part in model._base_manager.filter(**{model.whole: whole})}
    _refuse_foreign_ids(rows, present)
    named = {row.get("id") for row in rows}
    for pk, part in present.items():
        if pk not in named:
            setattr(part, model.whole, whole)
            part.delete()
    errors: dict[Any, Any] = {}
    for index, row in enumerate(rows):
        try:
            _store(present.get(row.get("id")) or model(), whole, row, user)
        except ValidationError as error:
            errors[index] = as_serializer_error(error)
    if errors:
        raise ApiValidationError(errors)


def _refuse_foreign_ids(rows: Sequence[Mapping[str, Any]], present: Mapping[int, Part]) -> None:
    """An id names a part of this very record, and only once."""
    errors: dict[Any, Any] = {}
    seen = set()
    for index, row in enumerate(rows):
        pk = row.get("id")
        if pk is None:
            continue
        if pk not in present:
            errors[index] = {"id": [ErrorDetail(_("This record has no such part."), code="does_not_exist")]}
        elif pk in seen:
            errors[index] = {"id": [ErrorDetail(_("This part is already in the list."), code="duplicate")]}
        seen.add(pk)
    if errors:
        raise ApiValidationError(errors)


def _store(part: Any, whole: Any, row: Mapping[str, Any], user: Any) -> None:
    plain, many = split_many(type(part), {name: value for name, value in row.items() if name != "id"})
    plain = without_unseen(part, user, plain)
    if not _differs(part, plain, many):
        return
    setattr(part, part.whole, whole)
    for name, value in plain.items():
        setattr(part, name, value)
    part.full_clean()
    part.save()
    set_many(part, user, many)


def _differs(part: Any, plain: Mapping[str, Any], many: Mapping[str, list[Any]]) -> bool:
    """A part that stays as it is shall leave no trace in versions and history."""
    if part._state.adding or any(_stored(part, name) != getattr(value, "pk", value) for name, value in plain.items()):
        return True
    return any(set(getattr(part, name).all()) != set(chosen) for name, chosen in many.items())


def _stored(part: Any, name: str) -> Any:
    """The value as it is in the row: of a foreign key the id, without fetching what it points to."""
    return getattr(part, part._meta.get_field(name).attname)
