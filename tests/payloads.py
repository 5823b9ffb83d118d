"""What an attacker would type into a field or call a file.

Each one that runs calls `__hit()`, asks for `/__canary`, or opens a dialog; a page on which one of these happens has a
hole. `{n}` is the number of the payload, so that a hit names the one that worked.
"""

import re
from html.parser import HTMLParser

CANARY = "/__canary"

_TEMPLATES = (
    # tags
    "<script>__hit({n})</script>",
    '"><script>__hit({n})</script>',
    "'><script>__hit({n})</script>",
    "</textarea><script>__hit({n})</script>",
    "</title><script>__hit({n})</script>",
    "</option></select><script>__hit({n})</script>",
    "--><script>__hit({n})</script><!--",
    "<ScRiPt/x>__hit({n})</ScRiPt>",
    '<script src="/__canary?{n}"></script>',
    "<scr<script>ipt>__hit({n})</scr</script>ipt>",
    "</script><script>__hit({n})</script>",
    "<noscript><p title='</noscript><img src=x onerror=__hit({n})>'>",
    # attributes and event handlers
    "<img src=x onerror=__hit({n})>",
    "\"><img src=x onerror='__hit({n})'>",
    '" autofocus onfocus=__hit({n}) x="',
    "' onmouseover='__hit({n})",
    "<body onload=__hit({n})>",
    "<details open ontoggle=__hit({n})>",
    "<input autofocus onfocus=__hit({n})>",
    "<video><source onerror=__hit({n})></video>",
    # svg and mathml
    "<svg onload=__hit({n})>",
    "<svg><script>__hit({n})</script></svg>",
    "<svg><animate onbegin=__hit({n}) attributeName=x dur=1s>",
    "<math><mtext></p><img src=x onerror=__hit({n})></mtext></math>",
    # addresses
    "javascript:__hit({n})",
    "java\tscript:__hit({n})",
    "data:text/html,<script>__hit({n})</script>",
    '<a href="javascript:__hit({n})" id=x>x</a>',
    '<iframe srcdoc="<script>parent.__hit({n})</script>"></iframe>',
    '<base href="/__canary?{n}/"><meta http-equiv=refresh content="0;url=/__canary?{n}">',
    '<form action="/__canary?{n}"><button>x</button></form><object data="/__canary?{n}"></object>',
    # templates and JSON
    "{{{{constructor.constructor('__hit({n})')()}}}}",
    "${{__hit({n})}}`${{__hit({n})}}`",
    "{{% debug %}}{{{{ settings.SECRET_KEY }}}}<%= __hit({n}) %>",
    '"}};__hit({n});//',
    "</script>\\u003cscript>__hit({n})//",
    # style sheets
    '<style>@import "/__canary?{n}";*{{background:url(/__canary?{n})}}</style>',
    '<link rel=stylesheet href="/__canary?{n}"><p style="background:url(/__canary?{n})">',
    # characters
    "＜script＞__hit({n})＜/script＞ ‹script›",
    "%3Cscript%3E__hit({n})%3C/script%3E &lt;script&gt;__hit({n})&lt;/script&gt;",
    "\u202e<img src=x onerror=__hit({n})>\u2066\ufeff\u2028\u0085",
    # several contexts at once, and a formula
    "'\"`--></style></script><svg/onload=__hit({n})>//%0A%0d/*${{__hit({n})}}*/",
    '=HYPERLINK("/__canary?{n}","x")|cmd',
)
PAYLOADS = tuple(template.format(n=number) for number, template in enumerate(_TEMPLATES))

# For file names also what breaks out of a header or a folder.
FILE_NAMES = (
    *PAYLOADS,
    'a"; filename="b.html"\r\nContent-Type: text/html\r\n\r\n<script>__hit(100)</script>',
    "a\r\nSet-Cookie: hit=1\r\n\r\n",
    "../../<svg onload=__hit(101)>",
    "..\\..\\<img src=x onerror=__hit(102)>",
)


def packs(longest=None):
    """Texts of at most so many characters that together hold every payload that fits; the first holds most."""
    found = [""]
    for payload in PAYLOADS:
        if longest is not None and len(payload) > longest:
            continue
        text = f"{found[-1]} {payload}" if found[-1] else payload
        if longest is None or len(text) <= longest:
            found[-1] = text
        else:
            found.append(payload)
    return found


class _Foreign(HTMLParser):
    """Collects markup that no page of ours has."""

    TAGS = {"iframe", "object", "embed", "base", "applet", "math", "video", "audio", "style", "marquee", "noscript"}
    ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "srcset", "poster"}

    def __init__(self):
        super().__init__()
        self.found, self.script = [], False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.script = tag == "script" and "src" not in given and "json" not in given.get("type", "")
        wrong = [name for name, value in attrs if name.startswith("on") or name == "style"]
        wrong += [name for name, value in attrs if name in self.ADDRESSES and self.leads_astray(tag, value or "")]
        if tag in self.TAGS or wrong or "http-equiv" in given:
            self.found.append((tag, attrs))

    def leads_astray(self, tag, address):
        local = address.startswith(("/static/", "/admin/")) or tag in ("a", "form", "button")
        scheme = re.sub(r"[\x00-\x20]", "", address).lower().partition(":")[0]
        return address.startswith(CANARY) or scheme in ("javascript", "data", "vbscript") or not local

    def handle_data(self, data):
        if self.script and data.strip():
            self.found.append(("script", data))

    def handle_endtag(self, tag):
        self.script = False


def foreign_markup(html):
    """What a page holds that can only have come from a payload: handlers, inline scripts and styles, frames."""
    parser = _Foreign()
    parser.feed(html)
    return parser.found
