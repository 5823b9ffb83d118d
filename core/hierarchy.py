"""Records that are part of one another (a group of companies, a zone within a zone)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


def refuse_cycle(record: models.Model, message: Any, field: str = "parent") -> None:
    """Raises ValidationError at `field` when the record would become its own ancestor."""
    if not record.pk:
        return
    seen, ancestor = {record.pk}, getattr(record, field)
    while ancestor is not None:
        if ancestor.pk in seen:
            raise ValidationError({field: ValidationError(message, code="cycle")})
        seen.add(ancestor.pk)
        ancestor = getattr(ancestor, field)
