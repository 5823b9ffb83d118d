"""From a cell to a value: dates, numbers, yes and no, choices, the way people in three languages write them.

Each function takes what `reading` gives (a text, or the typed cell of a workbook) and raises ValidationError with a
message that says what to write instead. Empty cells never get here.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core.dates import validate_year
from core.imports.encodings import NOT_DECODED
from core.records import refuse_nul
from core.search import fold

Convert = Callable[[Any], Any]

SPREADSHEET_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
NO_DATE = _("“%(value)s” is no date. Write it as 2019-07-02.")
NO_TIME = _("“%(value)s” is no date and time. Write it as 2019-07-02 14:30.")
NO_NUMBER = _("“%(value)s” is no number. Write it with digits only, e.g. 1234.50.")
NO_CHOICE = _("“%(value)s” is none of the choices: %(choices)s.")
SEVERAL_CHOICES = _("“%(value)s” can mean several choices. Write the code: %(choices)s.")
SPREADSHEET_ERROR = _("The spreadsheet shows an error (%(value)s) instead of a value here. Correct it there.")
NOT_READABLE = _("This text cannot be read in the chosen encoding. Choose another one.")
CUT = _("A spreadsheet cell could not hold this text, so it was cut when it was exported. Use the CSV file instead.")
LONGEST_IN_WORKBOOK = 32_000  # characters; the export cuts at 32,767
SHOWN_CHOICES = 12
SHOWN_VALUE = 60

YES = {"yes", "y", "true", "t", "1", "○", "〇", "✓", "はい", "有", "是", "真"}
NO = {"no", "n", "false", "f", "0", "×", "✗", "いいえ", "無", "无", "否", "伪"}
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
DAY_ZERO = datetime.date(1899, 12, 30)  # from which spreadsheets count their days
LAST_SERIAL = 109_574  # 2199-12-31

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_ERA = re.compile(r"(令和|平成|昭和)(\d{1,2}|元)年(\d{1,2})月(\d{1,2})日")
_CLOCK = re.compile(r"[ T]*(\d{1,2})(?::|時|时|点)(\d{1,2})?(?::(\d{2})(?:\.\d+)?|分)?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def shown(value: Any) -> str:
    text = as_text(value)
    return text if len(text) <= SHOWN_VALUE else text[:SHOWN_VALUE] + "…"


def plain(value: Any) -> str:
    """Full-width signs as half-width ones, without white space around."""
    return unicodedata.normalize("NFKC", as_text(value)).strip()


def as_text(value: Any) -> str:
    """A typed cell as somebody would have typed it into a field for text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")[:16]
    return str(value)


def is_suspect(text: str) -> bool:
    """Whether `readable_text` needs a look; nearly no text does."""
    return text[:1] == "#" or NOT_DECODED in text or len(text) > LONGEST_IN_WORKBOOK or text[:1].isspace()


def readable_text(value: Any) -> str:
    text = as_text(value)
    if NOT_DECODED in text:
        raise ValidationError(NOT_READABLE, code="encoding")
    if text in SPREADSHEET_ERRORS:
        raise ValidationError(SPREADSHEET_ERROR, code="spreadsheet_error", params={"value": text})
    if len(text) > LONGEST_IN_WORKBOOK and text.endswith(_cut_marks()):
        raise ValidationError(CUT, code="cut")
    return text


def _cut_marks() -> tuple[str, ...]:
    return in_all_languages(_("[Cut here: a cell holds no more. The CSV export has the whole text.]"))


def in_all_languages(text: Any) -> tuple[str, ...]:
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.append(str(text))
    return tuple(found)


def date(value: Any) -> datetime.date:
    found = _day(value)
    if found is None:
        raise ValidationError(NO_DATE, code="invalid_date", params={"value": shown(value)})
    validate_year(found)
    return found


def _day(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date() if value.time() == datetime.time() else None
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_serial(value)
    text = plain(value)
    day, rest = _leading_day(text)
    if day is not None:
        return day if not rest or re.fullmatch(r"[ T]0?0:00(:00)?", rest) else None
    return _from_serial(int(text)) if text.isdecimal() and len(text) < 7 else None


def _from_serial(number: float) -> datetime.date | None:
    return DAY_ZERO + datetime.timedelta(days=number) if number == int(number) and 1 <= number <= LAST_SERIAL else None


def _leading_day(text: str) -> tuple[datetime.date | None, str]:
    """The date that a text begins with, and what follows it."""
    era = _ERA.match(text)
    found = era or _DATE.match(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None, text
    year = ERAS[found[1]] + (1 if found[2] == "元" else int(found[2])) if era else int(found[1])
    month, day = (int(number) for number in found.groups()[-2:])
    try:
        return datetime.date(year, month, day), text[found.end() :]
    except ValueError:
        return None, text


def moment(value: Any) -> datetime.datetime:
    """A time without zone is one of the reader's own; a date alone is its first minute."""
    found = _moment(value)
    if found is None:
        raise ValidationError(NO_TIME, code="invalid_datetime", params={"value": shown(value)})
    validate_year(found)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _moment(value: Any) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, float):
        seconds = round(value * 86_400)
        start = datetime.datetime.combine(DAY_ZERO, datetime.time())
        return start + datetime.timedelta(seconds=seconds) if 1 <= value <= LAST_SERIAL else None
    text = plain(value)
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        pass
    day, rest = _leading_day(text)
    clock = _CLOCK.fullmatch(rest) if rest else None
    if day is None or (rest and clock is None):
        return datetime.datetime.combine(only_day, datetime.time()) if (only_day := _day(value)) else None
    try:
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        return datetime.datetime.combine(day, datetime.time(hour, minute, second))
    except ValueError:
        return None


def clock(value: Any) -> datetime.time:
    if isinstance(value, datetime.time):
        return value
    found = _CLOCK.fullmatch(plain(value))
    try:
        hour, minute, second = (int(part or 0) for part in found.groups())  # type: ignore[union-attr]
        return datetime.time(hour, minute, second)
    except (AttributeError, ValueError):
        raise ValidationError(NO_TIME, code="invalid_time", params={"value": shown(value)}) from None


def number(value: Any) -> Decimal:
    text = plain(value).replace("\u00a0", "").replace(" ", "")
    if isinstance(value, bool) or len(text) > 60 or not _NUMBER.fullmatch(text):
        raise ValidationError(NO_NUMBER, code="invalid_number", params={"value": shown(value)})
    return Decimal(text.replace(",", ""))


def whole_number(value: Any) -> Any:
    found = number(value)
    if found != found.to_integral_value():
        raise ValidationError(NO_NUMBER, code="invalid_number", params={"value": shown(value)})
    return int(found)


def yes_or_no(value: Any) -> bool:
    word = str(value).casefold() if isinstance(value, bool) else plain(value).casefold()
    if word not in YES | NO:
        choices = f"{_('Yes')}, {_('No')}"
        raise ValidationError(NO_CHOICE, code="invalid_choice", params={"value": shown(value), "choices": choices})
    return word in YES


class Choices:
    """Accepts codes, and labels in any of the languages; where two mean different things, the reader's own first."""

    def __init__(self, field: Any) -> None:
        self.labels = dict(field.flatchoices)
        self.known: dict[str, set[Any]] = {fold(str(code)): {code} for code in self.labels}
        mine = translation.get_language()
        for code, _name in sorted(settings.LANGUAGES, key=lambda language: language[0] != mine):
            with translation.override(code):
                self._add({value: str(label) for value, label in field.flatchoices})

    def _add(self, labels: dict[Any, str]) -> None:
        found: dict[str, set[Any]] = {}
        for value, label in labels.items():
            if label:
                found.setdefault(fold(label), set()).add(value)
        self.known = found | self.known

    def __call__(self, value: Any) -> Any:
        codes = self.known.get(fold(as_text(value)), set())
        if len(codes) == 1:
            return next(iter(codes))
        message, options = (SEVERAL_CHOICES, codes) if codes else (NO_CHOICE, self._examples())
        params = {"value": shown(value), "choices": ", ".join(str(option) for option in options)}
        raise ValidationError(message, code="invalid_choice", params=params)

    def _examples(self) -> list[str]:
        labels = [str(label) for label in self.labels.values() if label]
        return labels[:SHOWN_CHOICES] + ["…"] * (len(labels) > SHOWN_CHOICES)


_BY_FIELD: tuple[tuple[Any, Convert], ...] = (
    (models.BooleanField, yes_or_no),
    (models.DateTimeField, moment),
    (models.DateField, date),
    (models.TimeField, clock),
    (models.DecimalField, number),
    (models.IntegerField, whole_number),
)


def converter(field: Any) -> Convert:
    """How the cells of a model field are read: into a value that the field's own checks have seen."""
    if getattr(field, "choices", None):
        known = Choices(field)
        return lambda value: known(readable_text(value))
    convert = next((made for kind, made in _BY_FIELD if isinstance(field, kind)), None)
    if convert is not None:
        return lambda value: field.clean(convert(value), None)
    return _text_converter(field)


def _text_converter(field: Any) -> Convert:
    """As `field.clean`; most texts are short enough and have no other rule to meet, which takes no call to see."""
    has_only_a_length = all(type(validator) is MaxLengthValidator for validator in field.validators)
    fits = field.max_length if has_only_a_length and field.max_length else 0

    def convert(value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else as_text(value)
        if 0 < len(text) <= fits and "\x00" not in text:
            return text
        return field.clean(_storable(field, text), None)

    return convert


def _storable(field: Any, text: str) -> str:
    if "\x00" in text:
        try:
            refuse_nul(field.model(**{field.attname: text}))
        except ValidationError as error:
            raise error.error_dict[field.name][0] from None
    return text
