import pytest
from django.core.exceptions import ValidationError

from crm.identifiers import compact, validate_corporate_number, validate_credit_code

NEC = "7010401022916"
CREDIT_CODE = "91110000600037341L"


@pytest.mark.parametrize("number", [NEC, "3120001077023", "７０１０４０１０２２９１６", "7010-4010-22916"])
def test_real_corporate_numbers_are_accepted(number):
    validate_corporate_number(number)


@pytest.mark.parametrize("number", ["8010401022916", "7010401022917", "7010401022961"])
def test_corporate_number_with_a_wrong_check_digit_is_refused(number):
    with pytest.raises(ValidationError) as caught:
        validate_corporate_number(number)
    assert caught.value.messages == ["The check digit of this corporate number is wrong. Compare it with the document."]


@pytest.mark.parametrize("number", ["701040102291", "70104010229160", "7010401O22916", "NEC"])
def test_corporate_number_has_thirteen_digits(number):
    with pytest.raises(ValidationError) as caught:
        validate_corporate_number(number)
    assert caught.value.messages == ["A corporate number has 13 digits."]


@pytest.mark.parametrize("code", [CREDIT_CODE, CREDIT_CODE.lower(), "９１１１００００６０００３７３４１Ｌ"])
def test_real_credit_codes_are_accepted(code):
    validate_credit_code(code)


def test_credit_code_with_a_wrong_check_character_is_refused():
    with pytest.raises(ValidationError) as caught:
        validate_credit_code("91110000600037341K")
    assert caught.value.messages == ["The check character of this credit code is wrong. Compare it with the document."]


@pytest.mark.parametrize("code", ["91110000600037341", "I1110000600037341L", "招商"])
def test_credit_code_has_eighteen_digits_and_letters(code):
    with pytest.raises(ValidationError) as caught:
        validate_credit_code(code)
    assert caught.value.messages == ["A unified social credit code has 18 digits and letters."]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (NEC, NEC),
        (" 7010 4010-22916", NEC),
        ("７０１０４０１０２２９１６", NEC),
        (CREDIT_CODE.lower(), CREDIT_CODE),
        ("", ""),
    ],
)
def test_one_number_is_stored_in_one_way(written, stored):
    assert compact(written) == stored
