"""Choosing records by id in forms and filters: whatever comes in, the answer is a message at the field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

LARGEST_ID = 2**63 - 1


def as_id(value: Any) -> int | None:
    """The id in a text, 0 for a number that no record can have, None for anything else."""
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 < number <= LARGEST_ID else 0


class ChosenRecords:
    """Mixin for fields that take several ids: an impossible one, which breaks the query, is no valid choice."""

    def clean(self: Any, value: Any) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if as_id(pk) == 0:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": pk})
        return super().clean(value)  # type: ignore[misc]


class RecordsField(ChosenRecords, forms.ModelMultipleChoiceField):
    """Several records by id."""
