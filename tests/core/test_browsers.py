"""Browsers in words."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from core.browsers import in_words, user_agent

MOZILLA = "Mozilla/5.0"
SAFARI = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {SAFARI}", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {SAFARI} Edg/140.0", "Edge on Windows"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari on Mac"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile MicroMessenger/8.0", "WeChat on iPhone"),
        (f"{MOZILLA} (Linux; Android 15; K) {SAFARI}", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 300, "x" * 40),
        ("", "Unknown browser"),
    ],
)
def test_people_recognise_their_browser(agent, words):
    with translation.override("en"):
        assert in_words(agent) == words


def test_what_a_browser_says_of_itself_can_be_stored():
    request = RequestFactory().get("/", HTTP_USER_AGENT="a\x00b" * 200)
    assert user_agent(request) == ("ab" * 200)[:255]
