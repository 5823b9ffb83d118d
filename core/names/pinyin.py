"""Chinese names in pinyin, without tones and spaces."""

from functools import lru_cache

from pypinyin import lazy_pinyin


@lru_cache(maxsize=20_000)
def pinyin(text: str) -> str:
    """>>> pinyin("广州大学")
    'guangzhoudaxue'
    """
    return "".join(syllable for syllable in lazy_pinyin(text, v_to_u=False) if syllable.isalnum()).lower()
