"""Registration numbers with right check digits that no real company has."""

from stdnum.cn import uscc
from stdnum.jp import cn

# No registry office has this number, and no region this code.
REGISTRY_OFFICE, REGION = "9900", "000000"


def corporate_number(number: int) -> str:
    """法人番号 for a whole number below 10**8."""
    digits = f"{REGISTRY_OFFICE}{number:08}"
    return cn.calc_check_digit(digits) + digits


def credit_code(number: int) -> str:
    """统一社会信用代码 for a whole number below 10**9."""
    body = f"91{REGION}{number:09}"
    return body + uscc.calc_check_digit(body)
