"""Which encoding a CSV file is in. Excel writes GB18030 in China and CP932 in Japan; "Unicode text" is UTF-16."""

import codecs
from functools import lru_cache
from typing import IO

from charset_normalizer import from_bytes

LABELS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 / GBK",
    "cp932": "CP932 (Shift_JIS)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
ENCODINGS = tuple(LABELS)
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
NOT_DECODED = "\udcff"  # stands where bytes make no sense; no text that was decoded holds it otherwise
SAMPLE_BYTES = 64 * 1024
BLOCK_BYTES = 256 * 1024
# The lead bytes of the frequent characters: the first level of GB 2312 and of JIS X 0208.
FREQUENT = {"gb18030": range(0xB0, 0xD8), "cp932": range(0x88, 0x99)}
KANA = range(0x3041, 0x3100)
HALF_WIDTH_KANA = range(0xFF61, 0xFFA0)  # nearly every pair of bytes can be read as two of them
CLEARLY = 0.2


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return NOT_DECODED, error.end


codecs.register_error("liaison-mark", _mark)


def detect(file: IO[bytes]) -> str:
    """The encoding of a whole file; the last resort is UTF-8, in which reading then marks what makes no sense."""
    sample = _beginning(file)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if sample.startswith(mark):
            return encoding
    if encoding := _wide(sample):
        return encoding
    if _decodes(file, "utf-8"):
        return "utf-8"
    fitting = [encoding for encoding in FREQUENT if _decodes(file, encoding)]
    if len(fitting) == 1:
        return fitting[0]
    return _likelier(sample) if fitting else "utf-8"


def sample_text(file: IO[bytes], encoding: str) -> str:
    """The beginning as it reads in an encoding; NOT_DECODED stands where it does not."""
    decoder = codecs.getincrementaldecoder(encoding)("liaison-mark")
    return decoder.decode(_beginning(file)).removeprefix("\ufeff")


def _beginning(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(SAMPLE_BYTES)


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: of its commas, digits and line ends every other byte is 0."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd < len(sample) / 50 or min(even, odd) * 4 > max(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if "\n" in sample.decode(encoding, "ignore") else ""  # a NUL somewhere makes no lines


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(BLOCK_BYTES):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _likelier(sample: bytes) -> str:
    """GB18030 or CP932, where the bytes are well-formed in both: the one that gives the more ordinary text."""
    shares = {encoding: _ordinary(sample.decode(encoding, "ignore"), encoding) for encoding in FREQUENT}
    chinese, japanese = shares["gb18030"], shares["cp932"]
    if abs(chinese - japanese) < CLEARLY:
        guess = from_bytes(sample, cp_isolation=list(FREQUENT)).best()
        if guess is not None and guess.encoding in FREQUENT:
            return guess.encoding
    return "gb18030" if chinese >= japanese else "cp932"


def _ordinary(text: str, encoding: str) -> float:
    """The share of frequent characters and kana among those that are not ASCII."""
    others = [character for character in text if not character.isascii()]
    return sum(_is_ordinary(character, encoding) for character in others) / (len(others) or 1)


@lru_cache(maxsize=10_000)
def _is_ordinary(character: str, encoding: str) -> bool:
    if ord(character) in HALF_WIDTH_KANA:
        return False
    code = character.encode(encoding, "ignore")
    return ord(character) in KANA or (len(code) == 2 and code[0] in FREQUENT[encoding])
