"""Currencies and amounts."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from core.currencies import PREFERRED, AmountField, CurrencyField, check_amount, currency_choices, current_codes
from tests.factories import LeadFactory


def test_the_everyday_currencies_come_first_and_once():
    codes = current_codes()
    assert codes[: len(PREFERRED)] == PREFERRED
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("code", "known"), [("JPY", True), ("CHF", True), ("DEM", False), ("XXX", False), ("jpy", False)]
)
def test_only_money_of_today_can_be_chosen(code, known):
    assert (code in current_codes()) is known


def test_names_are_in_the_language_of_the_reader():
    label = dict(currency_choices())["CNY"]
    names = []
    for language in ("en", "zh-hans", "ja"):
        with translation.override(language):
            names.append(str(label))
    assert names == ["CNY Chinese Yuan", "CNY 人民币", "CNY 中国人民元"]


@pytest.mark.parametrize("code", ["ABC", "yen", "JP", "JPYY"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(ValidationError):
        CurrencyField().clean(code, None)


def test_a_currency_may_be_left_out():
    assert CurrencyField().clean("", None) == ""


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "1e30", "x", "NaN", "Infinity"])
def test_an_amount_that_is_no_money_is_refused(amount):
    with pytest.raises(ValidationError):
        AmountField().clean(amount, None)


@pytest.mark.parametrize("amount", ["0", "0.01", "999999999999999999.99"])
def test_amounts_are_exact(amount):
    assert AmountField().clean(amount, None) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [(Decimal(1), "", "interest_currency"), (Decimal(0), "", "interest_currency"), (None, "JPY", "interest_amount")],
)
def test_amount_and_currency_go_together(amount, currency, field):
    lead = LeadFactory.build(
        organization=None, station=None, owner=None, interest_amount=amount, interest_currency=currency
    )
    with pytest.raises(ValidationError) as caught:
        check_amount(lead, "interest")
    assert {name: errors[0].code for name, errors in caught.value.error_dict.items()} == {field: "required"}


@pytest.mark.parametrize(("amount", "currency"), [(None, ""), (Decimal(0), "JPY"), (Decimal("1.5"), "CNY")])
def test_both_or_neither_is_right(amount, currency):
    lead = LeadFactory.build(
        organization=None, station=None, owner=None, interest_amount=amount, interest_currency=currency
    )
    check_amount(lead, "interest")
