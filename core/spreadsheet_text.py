"""Text that a spreadsheet would run, made harmless in CSV cells and restored exactly on import.

A cell that starts with `=` or a relative of it is a formula to Excel, LibreOffice and Google Sheets, also when it was
typed by a stranger into a form. An apostrophe in front makes it text there. What only looks dangerous stays as it is:
phone numbers and negative numbers hold nothing that could be called, and people need them untouched.
"""

import re

# The list of OWASP ("CSV injection"): formula signs, their full-width forms, and white space before such a sign.
STARTS = frozenset("=+-@\t\r\n\x00＝＋－＠")
MARK = "'"
SUSPECT = STARTS | {MARK}  # text that starts with anything else is never changed

NUMBER = re.compile(r"[+-](?:(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?|\.[0-9]+)%?")
# E.164 in the way people write it: seven to fifteen digits, the country code first, in groups.
BETWEEN_GROUPS = " ().-/"
DIGITS = (7, 15)
PHONE = re.compile(rf"\+[1-9](?:[{re.escape(BETWEEN_GROUPS)}]{{0,3}}[0-9]){{{DIGITS[0] - 1},{DIGITS[1] - 1}}}")


def _runs(text: str) -> bool:
    return text[:1] in STARTS and not (NUMBER.fullmatch(text) or PHONE.fullmatch(text))


def make_inert(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it.

    Apostrophes that already stand before dangerous text get one more, so that `restore` can tell ours from theirs.
    """
    if text[:1] in SUSPECT and _runs(text.lstrip(MARK)):
        return MARK + text
    return text


def restore(text: str) -> str:
    """The text that was exported: `restore(make_inert(text)) == text` for every text."""
    if text.startswith(MARK) and _runs(text.lstrip(MARK)):
        return text[1:]
    return text
