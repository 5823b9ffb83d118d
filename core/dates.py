"""Which dates are believed: a year far off is a typing error, and near the ends of the calendar a moment has no date in
another time zone, so that nobody there could open a page that shows it."""

import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1900, 2199


def validate_year(value: datetime.date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        message = _("Check the year: it must be between %(first)s and %(last)s.")
        raise ValidationError(message, code="year", params={"first": str(FIRST_YEAR), "last": str(LAST_YEAR)})


def refuse_far_dates(record: Model) -> None:
    """Raises ValidationError by field."""
    bad = {}
    for field in record._meta.concrete_fields:
        value = getattr(record, field.attname, None)
        if isinstance(value, datetime.date):
            try:
                validate_year(value)
            except ValidationError as error:
                bad[field.name] = error
    if bad:
        raise ValidationError(bad)
