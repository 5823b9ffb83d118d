"""Registration numbers and their check digits (python-stdnum), as validators with messages a person can act on."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NumberError
from stdnum.jp import cn


def compact(value: str) -> str:
    """As it is stored: half-width, capitals, without spaces and hyphens, so that the same number is the same text."""
    return str(uscc.compact(unicodedata.normalize("NFKC", value))) if value else ""


def validate_corporate_number(value: str) -> None:
    """法人番号: 13 digits, the first one a check digit."""
    try:
        cn.validate(compact(value))
    except InvalidChecksum:
        raise ValidationError(
            _("The check digit of this corporate number is wrong. Compare it with the document."), code="checksum"
        ) from None
    except NumberError:
        raise ValidationError(_("A corporate number has 13 digits."), code="format") from None


def validate_credit_code(value: str) -> None:
    """统一社会信用代码: 18 digits and capital letters, the last one a check character (GB 32100-2015)."""
    try:
        uscc.validate(compact(value))
    except InvalidChecksum:
        raise ValidationError(
            _("The check character of this credit code is wrong. Compare it with the document."), code="checksum"
        ) from None
    except NumberError:
        raise ValidationError(_("A unified social credit code has 18 digits and letters."), code="format") from None
