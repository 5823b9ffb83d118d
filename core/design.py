"""The values of the design system, read from its one style sheet, and the contrast between its colours (WCAG 2.2)."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STYLESHEET = Path(__file__).parent / "static" / "core" / "liaison.css"
THEMES = ("light", "dark")
TEXT, LARGE_OR_GRAPHIC = 4.5, 3.0  # success criteria 1.4.3 and 1.4.11
GROUNDS = ("ground", "surface", "sunken", "hover")
TONES = ("blue", "green", "amber", "red", "neutral")


@dataclass(frozen=True)
class Pair:
    """A colour on another, and the least contrast that they must have."""

    front: str
    back: str
    least: float = TEXT


PAIRS = (
    *(Pair(text, ground) for text in ("text", "text-soft", "text-quiet", "accent-text") for ground in GROUNDS),
    *(Pair(f"{tone}-text", f"{tone}-soft") for tone in TONES),
    *(Pair("red-text", ground) for ground in ("ground", "surface")),
    Pair("accent-text", "accent-soft"),
    Pair("text", "accent-soft"),
    Pair("text-quiet", "neutral-soft"),
    *(Pair("text", f"{tone}-soft") for tone in TONES),
    *(Pair("on-accent", back) for back in ("accent", "accent-hover", "red", "red-hover")),
    *(Pair(line, ground, LARGE_OR_GRAPHIC) for line in ("control-line", "focus") for ground in ("ground", "surface")),
    Pair("accent", "surface", LARGE_OR_GRAPHIC),
)


@cache
def tokens(theme: str) -> dict[str, str]:
    """The custom properties by name, without their dashes; those of the dark theme stand over the light ones."""
    css = re.sub(r"/\*.*?\*/", "", STYLESHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = _block(css, ':root, [data-scheme="light"]')
    return found if theme == "light" else found | _block(css, ':root[data-theme="dark"], [data-scheme="dark"]')


def _block(css: str, selector: str) -> dict[str, str]:
    start = css.index(selector + " {")
    inside = css[start : css.index("\n}", start)]
    return {name: value.strip() for name, value in re.findall(r"--([a-z0-9-]+):\s*((?:[^;\"]|\"[^\"]*\")+);", inside)}


def named(theme: str, *starts: str) -> dict[str, str]:
    """The properties whose names begin so."""
    return {name: value for name, value in tokens(theme).items() if name.startswith(starts)}


def colours(theme: str) -> dict[str, str]:
    """The properties that are plain colours."""
    return {name: value for name, value in tokens(theme).items() if re.fullmatch(r"#[0-9a-f]{3,6}", value)}


def contrast(front: str, back: str) -> float:
    """From 1 to 21, of two colours written as #rgb or #rrggbb."""
    light, dark = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def measured(theme: str) -> list[tuple[Pair, float]]:
    """Every pair with its contrast."""
    known = tokens(theme)
    return [(pair, contrast(known[pair.front], known[pair.back])) for pair in PAIRS]
