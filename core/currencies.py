"""ISO 4217 codes of the currencies that are legal tender today, with names in the reader's language (CLDR)."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import format_compact_decimal, get_currency_name
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

PREFERRED = ("CNY", "JPY", "USD", "EUR", "HKD", "TWD", "KRW", "GBP")


def _locale() -> Locale:
    return Locale.parse((get_language() or "en").replace("-", "_"))


def _name(code: str) -> str:
    return f"{code} {get_currency_name(code, locale=_locale())}"


def short_amount(amount: Any, currency: str) -> str:
    """`CNY 350M`, `CNY 3.5亿`: for places with little room, rounded to a tenth of the unit."""
    return f"{currency} {format_compact_decimal(round(Decimal(amount), 2), locale=_locale(), fraction_digits=1)}"


_lazy_name = lazy(_name, str)


@lru_cache(maxsize=1)
def current_codes() -> tuple[str, ...]:
    """Codes in use as tender in some territory, the agency's everyday ones first."""
    tender = {
        currency
        for territory in get_global("territory_currencies").values()
        for currency, _start, end, is_tender in territory
        if end is None and is_tender
    }
    return (*PREFERRED, *sorted(tender.difference(PREFERRED)))


def currency_choices() -> list[tuple[str, Any]]:
    return [(code, _lazy_name(code)) for code in current_codes()]


class CurrencyField(models.CharField[Any, Any]):
    """Three-letter ISO 4217 code; empty where there is no amount."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs["choices"] = currency_choices
        super().__init__(*args, **kwargs)


class AmountField(models.DecimalField[Any, Any]):
    """Money in whole units of its currency (not 万 or million), to the cent, not negative; empty if not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("validators", [MinValueValidator(Decimal(0))])
        super().__init__(*args, **kwargs)


def check_amount(record: models.Model, what: str) -> None:
    """An amount without a currency means nothing, and the other way round. Raises ValidationError at the empty one."""
    amount, currency = getattr(record, f"{what}_amount"), getattr(record, f"{what}_currency")
    if amount is not None and not currency:
        raise ValidationError({f"{what}_currency": ValidationError(_("Give the currency of the amount."), "required")})
    if currency and amount is None:
        raise ValidationError(
            {f"{what}_amount": ValidationError(_("Give the amount, or remove the currency."), "required")}
        )
