"""Records whose values are hard to write into a file: formulas, quotes, line ends, extreme numbers and moments.

They are written past validation, as the files must come out right whatever is stored; what a constraint or type of
the database refuses stays as it was.
"""

import datetime
from decimal import Decimal

from django.db import DataError, IntegrityError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Abs, Cast

from core import resources
from core.columns import Column
from tests.filled import MODELS, filled, surround

TEXTS = [
    "", "=1+1", "+81 3-1234-5678", "-5", "+1,000.50%", "+1-2", "-", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "'",
    "'tis", "'=1+1", "''+81 3-1234-5678", "''@x", '"', '"quoted", and commas', "a,b;c", "first\nsecond",
    "first\r\nsecond\r", "\ttab", "\r=1", "\n", "\x01\x1f\x7f", "back\\slash", "\\.", "100 %s %w %(x)s {0}",
    "髙島屋 𠮷野家", "👩\u200d👩\u200d👧", "\u2028\ufeff", " padded ", "+1234567890123456", "+123456",
    "+1 (23) 45.67/8-9", "NULL", "=" * 90, "長い" * 40_000,
]  # fmt: skip
MOMENTS = [
    *((year, 7, 1, 12, 30, 59, 999_999) for year in (1900, 1986, 1988, 1999, 2000, 2024, 2049, 2050, 2199)),
    (1986, 5, 3, 18, 0), (1991, 9, 14, 15, 59, 59), (2024, 3, 10, 6, 59, 59, 999_999), (2024, 3, 10, 7, 0),
    (2024, 11, 3, 5, 59), (2024, 11, 3, 6, 0), (1999, 12, 31, 23, 59, 59, 1), (2049, 12, 31, 23, 59),
    (2024, 1, 1, 0, 0, 0, 500_000), (2024, 1, 1, 0, 0, 0, 123_450), (2024, 1, 1, 0, 0, 5, 100),
]  # fmt: skip
TIMES = [datetime.time(0, 0), datetime.time(23, 59, 59, 999_999), datetime.time(9, 5, 0, 500_000), None]
DAYS = [None, datetime.date(1868, 9, 8), datetime.date(2026, 2, 28), datetime.date(9999, 12, 31)]
DECIMALS = ["0", "-0.05", "0.10", "1E+3", "-12345.60", "9999999999999.99", "123456789012345678.25", None]
INTEGERS = [0, None, 1, 2**31 - 1, 100, 7]

BY_KIND = (
    (models.AutoField | models.BigAutoField, []),
    (models.BooleanField, [True, False]),
    (models.DateTimeField, [*(datetime.datetime(*parts, tzinfo=datetime.UTC) for parts in MOMENTS), None]),
    (models.DateField, DAYS),
    (models.TimeField, TIMES),
    (models.DecimalField, [text and Decimal(text) for text in DECIMALS]),
    (models.IntegerField, INTEGERS),
    (models.CharField | models.TextField | models.FileField, TEXTS),
)
KEPT = {"is_delegation", "version"}  # the first says to which resource an event belongs, the second counts on
ROWS = 20


def store_hard_records(slug):
    """Fills the list of a resource, and the records it tells of, with hard values."""
    model = resources.get(slug).model
    within = {"kind": _delegation()} if slug == "delegations" else {}
    surround(filled(model, **within), times=2)
    for number in range(ROWS - 1):
        filled(model, **within) if number % 2 else MODELS[model](**within)
    for stored in MODELS:
        for turn, pk in enumerate(stored._base_manager.order_by("pk").values_list("pk", flat=True)):
            _spoil(stored, pk, turn)


def _delegation():
    return MODELS[resources.get("event-kinds").model](is_delegation=True)


def _spoil(model, pk, turn):
    fields = [field for field in model._meta.fields if not field.is_relation and field.name not in KEPT]
    found = {field.name: value for place, field in enumerate(fields) for value in _hard(field, turn + 7 * place)}
    row = models.QuerySet(model).filter(pk=pk)
    if not _stored(row, found):
        for name, value in found.items():
            _stored(row, {name: value})


def _hard(field, turn):
    """The value of this turn, or none."""
    values = next((values for kinds, values in BY_KIND if isinstance(field, kinds)), [])
    if field.choices and turn % 3:
        values = [value for value, _label in field.flatchoices]
    if isinstance(field, models.DecimalField):
        values = [
            value for value in values if value is None or abs(value) < 10 ** (field.max_digits - field.decimal_places)
        ]
    if values:
        value = values[turn % len(values)]
        yield value[: field.max_length] if isinstance(value, str) else value


def _stored(row, values):
    try:
        with transaction.atomic():
            return row.update(**values)
    except (DataError, IntegrityError):
        return 0


def overflowing(user):
    """Fails in the database, as its smallest integer has no positive twin."""
    nothing = F("pk") - F("pk")
    return Abs(Cast(nothing + Value(-(2**63)), models.BigIntegerField()))


OVERFLOWING = Column("overflow", "Overflow", "integer", load=dict, expression=overflowing)
