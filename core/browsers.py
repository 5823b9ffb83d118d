"""Which browser somebody uses, in words that they recognise."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

LONGEST = 255
# The first mark found counts: most browsers also claim to be those below them.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger/", "WeChat"),
    ("QQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def user_agent(request: HttpRequest) -> str:
    """What the browser says of itself, as it can be stored."""
    return request.META.get("HTTP_USER_AGENT", "").replace("\x00", "")[:LONGEST]


def in_words(agent: str) -> str:
    """E.g. "Firefox on Windows"; of others the beginning of what they call themselves."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or agent[:40] or _("Unknown browser")
