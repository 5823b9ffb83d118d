"""Catalogues of translations (`locale/*/LC_MESSAGES/django.po`), kept with Babel: nobody needs GNU gettext.

Works on files only, without a database, so that it also runs before the first migration and in static checks.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

PACKAGES = ("config", "core", "crm", "events", "projects", "demo")
TEMPLATES = ("*.html", "*.txt")
# What each function's arguments are: the text, the plural, the context ("c").
KEYWORDS: dict[str, Any] = {
    "_": None,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


@dataclass
class Extracted:
    """A text of the code base: `id` is the text, or (singular, plural)."""

    id: str | tuple[str, str]
    context: str | None
    files: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.id if isinstance(self.id, str) else self.id[0]


def locales() -> list[str]:
    """Those that need a translation, e.g. `zh_Hans`."""
    return [to_locale(code) for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(locale: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / locale / "LC_MESSAGES" / "django.po"


# Extraction


def extract(root: Path) -> list[Extracted]:
    """Every translatable text under `root`, once, with the files that use it."""
    found: dict[tuple[str | None, str], Extracted] = {}
    for path, source in _sources(root):
        for _line, function, arguments, comments in extract_python(source, KEYWORDS, ("Translators:",), {}):
            message = _message(str(function), arguments)
            if message is None:
                continue
            known = found.setdefault((message.context, message.text), message)
            if isinstance(message.id, tuple):
                known.id = message.id  # once with a plural, then everywhere
            known.files.add(path.relative_to(root).as_posix())
            known.comments += [comment for comment in comments or () if comment not in known.comments]
    return sorted(found.values(), key=lambda message: (message.text, message.context or ""))


def _sources(root: Path) -> Iterator[tuple[Path, io.BytesIO]]:
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, io.BytesIO(path.read_bytes())
    folders = [root / "templates", *(root / package / "templates" for package in PACKAGES)]
    for path in sorted(path for folder in folders for pattern in TEMPLATES for path in folder.rglob(pattern)):
        # The result only resembles Python; without indentation the tokenizer takes it.
        lines = templatize(path.read_text(encoding="utf-8"), origin=str(path.relative_to(root))).splitlines()
        yield path, io.BytesIO("\n".join(line.lstrip() for line in lines).encode())


def _message(function: str, arguments: Any) -> Extracted | None:
    """The message of one call; None if its text is not a literal."""
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    positions = KEYWORDS[function] or (1,)
    found: dict[bool, list[str]] = {True: [], False: []}  # contexts and texts
    for position in positions:
        index = (position[0] if isinstance(position, tuple) else position) - 1
        if index >= len(values) or not values[index]:
            return None
        found[isinstance(position, tuple)].append(values[index])
    texts = found[False]
    return Extracted(texts[0] if len(texts) == 1 else (texts[0], texts[1]), next(iter(found[True]), None))


# Catalogues


def read(locale: str) -> Catalog:
    """The catalogue as it is on disk; an empty one if there is none."""
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8", abort_invalid=True)


def of_libraries(locale: str) -> list[Catalog]:
    """What Django and the installed apps already translate."""
    folders = [Path(config.path) / "locale" for config in apps.get_app_configs()]
    folders.append(Path(apps.get_app_config("auth").path).parents[1] / "conf" / "locale")
    catalogs = []
    for path in (folder / locale / "LC_MESSAGES" / "django.mo" for folder in folders):
        if path.exists():
            with path.open("rb") as file:
                catalogs.append(read_mo(file))
    return catalogs


def renewed(messages: Iterable[Extracted], locale: str) -> Catalog:
    """A catalogue of exactly these messages with the translations that exist: ours first, else those of a library.

    Nothing is guessed from similar texts.
    """
    own, libraries = read(locale), of_libraries(locale)
    catalog = Catalog(locale=locale, charset="utf-8")
    for message in messages:
        old = own.get(message.text, context=message.context)
        new = catalog.add(
            message.id,
            string=_translation(message, [own, *libraries]),
            locations=[(name, 0) for name in sorted(message.files)],
            auto_comments=message.comments,
            user_comments=old.user_comments if old else (),
            context=message.context,
        )
        if old and old.fuzzy:
            new.flags.add("fuzzy")
    return catalog


def _translation(message: Extracted, catalogs: list[Catalog]) -> Any:
    has_plural = isinstance(message.id, tuple)
    for catalog in catalogs:
        known = catalog.get(message.text, context=message.context)
        if known and known.string and isinstance(known.string, tuple | list) == has_plural and any(known.string):
            return known.string
    return None


def as_po(catalog: Catalog, locale: str) -> bytes:
    """Sorted, with file names but no line numbers and no dates, so that a diff shows what changed and no more."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    header = HEADER.format(locale=locale, plural_forms=catalog.plural_forms)
    return (header + body.getvalue().decode().strip() + "\n").encode()


def compile_file(path: Path) -> bool:
    """Writes the .mo file beside a .po file that is newer; says whether it did."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return False
    with path.open("rb") as file:
        catalog = read_po(file, charset="utf-8", abort_invalid=True)
    # Written aside and renamed: a server that starts meanwhile reads the old file or the new one, never half of it.
    unfinished = target.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, catalog)
    unfinished.replace(target)
    return True


# Checks


def problems(messages: Iterable[Extracted], locale: str) -> Iterator[str]:
    """What keeps the catalogue of a language from being complete and safe, one line each."""
    catalog = read(locale)
    for message in messages:
        entry = catalog.get(message.text, context=message.context)
        problem = _problem(message, entry)
        if problem:
            context = f" [{message.context}]" if message.context else ""
            yield f"{locale}: {problem}: {message.text!r}{context} ({', '.join(sorted(message.files))})"


def _problem(message: Extracted, entry: Message | None) -> str:
    if entry is None:
        return "missing"
    strings = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
    if not all(strings):
        return "not translated"
    if entry.fuzzy:
        return "fuzzy"
    if isinstance(message.id, tuple) != isinstance(entry.id, tuple | list):
        return "plural missing"
    # Chinese and Japanese have one form for every number: it must name the number, as the plural does.
    wanted = _placeholders(message.id if isinstance(message.id, str) else message.id[1])
    return "placeholders differ" if any(_placeholders(string or "") != wanted for string in strings) else ""


_PERCENT = re.compile(r"%\(\w+\)[a-z]|%[sd]")


def _placeholders(text: str) -> tuple[list[str], list[str]]:
    """Named ones in any order; `%s` and `{}` count by number."""
    percent = sorted(_PERCENT.findall(text.replace("%%", "")))
    try:
        braces = sorted(name for _text, name, *_rest in Formatter().parse(text) if name is not None)
    except ValueError:  # a single brace: not meant for str.format
        braces = []
    return percent, braces
