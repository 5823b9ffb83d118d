"""Words as the search knows them: how a text becomes tokens, and a query the tokens that it asks for.

Han characters, kana and hangul are written without spaces, so a run of them becomes pairs of neighbours (of 日本電気:
日本, 本電, 電気) and the last one alone; other words stay whole and are found by their beginning. Width, case, accents,
hiragana or katakana and the forms of a character (Simplified, Traditional, Japanese) make no difference.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

# Forms of characters in Japanese family names that neither Unicode nor OpenCC takes for the same.
VARIANTS = str.maketrans("髙﨑嵜濵邉𠮷桒栁槗寳冨嶋曻渕", "高崎崎濱邊吉桑柳橋寶富島昇淵")
KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
ACCENTS = re.compile("[\u0300-\u036f]")

# Scripts without spaces: hangul, kana, bopomofo and Han with their marks.
_RUN = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff"
    "\U00016fe0-\U00018cff\U0001aff0-\U0001b2ff\U00020000-\U0003ffff"
)
RUN = re.compile(f"[{_RUN}]")
PIECE = re.compile(f"[{_RUN}]+|[^\\W_{_RUN}]+")
# What may stand between the parts of one name: 山田 太郎, ヒューレット・パッカード.
GAP = re.compile(f"(?<=[{_RUN}])[\\s・·‧･=‐‑–—-]+(?=[{_RUN}])")
PHONE = re.compile(r"[+(]?\d[\d ()./-]{5,}\d")
PHONE_QUERY = re.compile(r"[+(]?\d[\d ()./-]{2,}\d")

LONGEST_TOKEN = 32
# An index entry of PostgreSQL holds up to 1 MB: 8,000 tokens of 32 characters of 4 bytes at most.
MOST_TOKENS = 8000
MOST_WORDS = 8
MOST_TERMS = 32
WHOLE, PHONE_END = "=", "#"


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    # Japanese new forms first become Traditional, so that both meet in Simplified (design 3.12).
    return OpenCC("jp2t"), OpenCC("t2s")


def _simplified(text: str) -> str:
    to_traditional, to_simplified = _converters()
    return str(to_simplified.convert(to_traditional.convert(text)))


class _ByCharacter(dict[int, str]):
    """For `str.translate`: each character's Simplified form, looked up once."""

    def __missing__(self, code: int) -> str:
        self[code] = _simplified(chr(code)) if RUN.match(chr(code)) else chr(code)
        return self[code]


_BY_CHARACTER = _ByCharacter()


def fold(text: str) -> str:
    """Canonical form for comparison: NFKC, casefold, no variants, then every Han character in its Simplified form.

    >>> fold("日本電気") == fold("日本电气") == fold("日本電氣")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isascii() else _simplified(folded.translate(VARIANTS))


def _forms(text: str) -> tuple[str, ...]:
    """The text folded for tokens. A few Japanese characters have a Simplified form by the word they stand in (総合 is
    综合) and another alone (総 is 总): a word half typed is found by the second form."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        return (plain,)
    plain = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", plain)))
    plain = plain.translate(VARIANTS).translate(KATAKANA)
    return tuple(dict.fromkeys((_simplified(plain), plain.translate(_BY_CHARACTER))))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _digits(text: str) -> str:
    """From the last to the first, because people leave out the beginning of a phone number (+81 3-… is 03-…)."""
    digits = "".join(filter(str.isdecimal, text))
    return (digits if digits.isascii() else "".join(str(unicodedata.digit(sign)) for sign in digits))[::-1]


def _whole(form: str) -> str:
    """How a name begins, spaces and signs aside."""
    whole = "".join(PIECE.findall(form[: 4 * LONGEST_TOKEN]))
    return (WHOLE + whole)[:LONGEST_TOKEN] if whole else ""


def _tokens(form: str) -> Iterator[str]:
    form = GAP.sub("", form)
    for word in form.split():
        pieces = PIECE.findall(word)
        for piece in pieces:
            if RUN.match(piece):
                yield from _pairs(piece)
                yield piece[-1]
            else:
                yield piece[:LONGEST_TOKEN]
        if len(pieces) > 1 and not RUN.search(word):
            yield "".join(pieces)[:LONGEST_TOKEN]
    if whole := _whole(form):
        yield whole
    for number in PHONE.findall(form):
        yield (PHONE_END + _digits(number))[:LONGEST_TOKEN]


def tokens(texts: Iterable[str]) -> list[str]:
    """What these names and texts are found by, each token once. Too long a text is cut short (`MOST_TOKENS`)."""
    found: dict[str, None] = {}
    for text in texts:
        for form in _forms(text):
            found.update(dict.fromkeys(_tokens(form)))
    return list(found)[:MOST_TOKENS]


@dataclass(frozen=True)
class Term:
    """A token, or with `begins` the beginning of one."""

    token: str
    begins: bool = False

    def matches(self, tokens: Iterable[str]) -> bool:
        return any(token.startswith(self.token) if self.begins else token == self.token for token in tokens)


@dataclass(frozen=True)
class Query:
    """What was typed: a record is found by any of the `ways`, if it has all terms of that way.

    There are no ways if nothing was typed that a text could be found by; `is_empty` tells whether anything was typed.
    """

    ways: tuple[tuple[Term, ...], ...]
    is_empty: bool = False

    def matches(self, tokens: Iterable[str]) -> bool:
        known = list(tokens)
        return any(all(term.matches(known) for term in way) for way in self.ways)


def _terms(word: str) -> Iterator[Term]:
    """Of one word typed: its pairs, and the last of its Latin parts by its beginning."""
    pieces = PIECE.findall(GAP.sub("", word))
    for place, piece in enumerate(pieces, start=1):
        if not RUN.match(piece):
            yield Term(piece[:LONGEST_TOKEN], begins=place == len(pieces))
        elif len(piece) == 1:
            yield Term(piece, begins=True)
        else:
            yield from map(Term, _pairs(piece))


def _joined(word: str) -> Iterator[Term]:
    """The same with the Latin parts of one word as one: hewlett-packard is also hewlettpackard."""
    pieces = PIECE.findall(word)
    if len(pieces) > 1 and not RUN.search(word):
        yield Term("".join(pieces)[:LONGEST_TOKEN], begins=True)
    else:
        yield from _terms(word)


def beginning(query: str) -> Query:
    """Records of which a name begins like this, spaces and hyphens aside."""
    forms = ["".join(PIECE.findall(form)) for form in _forms(query)]
    ways = dict.fromkeys((Term((WHOLE + form)[:LONGEST_TOKEN], begins=True),) for form in forms if form)
    return Query(tuple(ways), not query.strip())


def whole_tokens(names: Sequence[str]) -> list[tuple[str, ...]]:
    """For each name the tokens of which a record has one that is called so; none without a letter or digit."""
    lines = "\n".join(name.replace("\n", " ") for name in names)
    spelled = [[_whole(form) for form in text.split("\n")] for text in _forms(lines)]
    return [tuple(dict.fromkeys(filter(None, forms))) for forms in zip(*spelled, strict=True)] if names else []


def _ways(form: str) -> Iterator[tuple[Term, ...]]:
    words = form.split()[:MOST_WORDS]
    for split in (_terms, _joined):
        yield tuple(dict.fromkeys(term for word in words for term in split(word)))[:MOST_TERMS]
    joined = "".join(PIECE.findall(form))
    if not all(map(RUN.match, joined)):  # runs are found across spaces anyway
        yield (Term((WHOLE + joined)[:LONGEST_TOKEN], begins=True),)
    if PHONE_QUERY.fullmatch(form.strip()):
        yield (Term((PHONE_END + _digits(form).rstrip("0"))[:LONGEST_TOKEN], begins=True),)


def parse(text: str) -> Query:
    """What a person looks for. Every word must occur, in any place; at most eight words, the rest is noise."""
    ways = dict.fromkeys(way for form in _forms(text) for way in _ways(form) if way)
    return Query(tuple(ways), not text.strip())
