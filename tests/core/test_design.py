"""The colours of the design system can be read in both themes, and its page is not for production."""

import re

import pytest
from django.urls import reverse

from core import design


@pytest.mark.parametrize("theme", design.THEMES)
def test_every_pair_of_colours_in_use_has_enough_contrast(theme):
    low = {
        f"{pair.front} on {pair.back}": round(ratio, 2) for pair, ratio in design.measured(theme) if ratio < pair.least
    }
    assert low == {}


@pytest.mark.parametrize(
    ("front", "back", "ratio"), [("#000", "#fff", 21), ("#777777", "#ffffff", 4.48), ("#fff", "#fff", 1)]
)
def test_contrast_is_that_of_wcag(front, back, ratio):
    assert design.contrast(front, back) == pytest.approx(ratio, abs=0.005)


def test_the_dark_theme_gives_every_colour_anew():
    light, dark = (design.colours(theme) for theme in design.THEMES)
    shared = {name for name in light if light[name] == dark[name]}
    assert shared == {"on-accent"}


def test_every_text_and_soft_colour_is_in_a_pair():
    fronts = {pair.front for pair in design.PAIRS}
    texts = {name for name in design.colours("light") if name.startswith("text") or name.endswith("-text")}
    assert texts <= fronts
    backs = {pair.back for pair in design.PAIRS}
    assert {name for name in design.colours("light") if name.endswith("-soft") and not name.startswith("text")} <= backs


def test_what_the_style_sheet_uses_it_defines():
    css = design.STYLESHEET.read_text()
    defined = set(re.findall(r"(--[a-z0-9-]+):", css))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", css)) - defined == set()


@pytest.mark.django_db
def test_the_page_shows_every_value(nobody, logged_in):
    text = logged_in(nobody).get(reverse("admin:design")).content.decode()
    names = [*design.colours("dark"), *design.named("light", "space-", "radius", "text-size-")]
    assert {name for name in names if name not in text} == set()


@pytest.mark.django_db
def test_the_page_is_not_for_production(director, logged_in, settings):
    settings.DEBUG = settings.DEMO = False
    assert logged_in(director).get(reverse("admin:design")).status_code == 404
    settings.DEBUG = True
    assert logged_in(director).get(reverse("admin:design")).status_code == 200
