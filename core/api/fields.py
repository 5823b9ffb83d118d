"""Relations in request bodies: only records within the caller's sight can be named."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.relations import MANY_RELATION_KWARGS, ManyRelatedField, PrimaryKeyRelatedField

from core import access

LARGEST_ID = 2**63 - 1
MOST_IDS = 1000
MESSAGES: dict[str, Any] = {
    "does_not_exist": _("There is no record with the id {pk_value} that you can reach."),
    "incorrect_type": _("Give the id of a record, a whole number."),
}


def record_id(data: Any) -> int | None:
    """A whole number in the range of primary keys, 0 for one beyond it, None for anything else."""
    if isinstance(data, str) and data.isascii() and data.isdigit():  # a form can only send text
        data = int(data) if len(data) < 20 else 0
    if not isinstance(data, int) or isinstance(data, bool):
        # A JSON number past 64 bits arrives as a float.
        return 0 if isinstance(data, float) and data > LARGEST_ID else None
    return data if 0 < data <= LARGEST_ID else 0


class ScopedRelatedField(PrimaryKeyRelatedField):
    """A foreign key by id. An id out of the caller's sight is answered like one that does not exist."""

    default_error_messages = MESSAGES

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> "ScopedManyField":
        passed_on = {key: value for key, value in kwargs.items() if key in MANY_RELATION_KWARGS}
        return ScopedManyField(child_relation=cls(*args, **kwargs), **passed_on)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        queryset: Any = super().get_queryset()
        return access.scoped(getattr(request, "user", None), queryset, "view")

    def to_internal_value(self, data: Any) -> Any:
        pk = record_id(data)
        if pk is None:
            self.fail("incorrect_type")
        record = self.get_queryset().filter(pk=pk).first()
        if record is None:
            self.fail("does_not_exist", pk_value=data)
        return record


class ScopedManyField(ManyRelatedField):
    """A list of ids, looked up in one query; each wrong one is reported at its place."""

    default_error_messages = {"max_length": _("At most {most} ids can be given.")}

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not self.allow_empty and len(data) == 0:
            self.fail("empty")
        if len(data) > MOST_IDS:
            self.fail("max_length", most=MOST_IDS)
        pks = [record_id(item) for item in data]
        reachable: Any = self.child_relation.get_queryset()
        found = reachable.in_bulk([pk for pk in pks if pk])
        errors: dict[Any, Any] = {n: self._error(data[n], pk) for n, pk in enumerate(pks) if pk not in found}
        if errors:
            raise ValidationError(errors)
        return [found[pk] for pk in dict.fromkeys(pks)]

    def _error(self, item: Any, pk: int | None) -> list[Any]:
        try:
            self.child_relation.fail("incorrect_type" if pk is None else "does_not_exist", pk_value=item)
        except ValidationError as error:
            return list(error.detail)
