"""Folding of text so that one spelling finds another: width, case, Traditional, Simplified and Japanese forms."""

import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Forms of characters in Japanese family names that neither Unicode nor OpenCC takes for the same.
VARIANTS = str.maketrans("髙﨑嵜濵邉𠮷桒栁槗寳冨嶋曻渕", "高崎崎濱邊吉桑柳橋寶富島昇淵")


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    # Japanese new forms first become Traditional, so that both meet in Simplified (design 3.12).
    return OpenCC("jp2t"), OpenCC("t2s")


def fold(text: str) -> str:
    """Canonical form for comparison: NFKC, casefold, no variants, then every Han character in its Simplified form.

    >>> fold("日本電気") == fold("日本电气") == fold("日本電氣")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    to_traditional, to_simplified = _converters()
    return str(to_simplified.convert(to_traditional.convert(folded.translate(VARIANTS))))


def terms(query: str) -> list[str]:
    """The folded words of a query; each must be found. At most eight, the rest is noise."""
    return [word for word in fold(query).split() if word][:8]
