"""Collecting, compiling and checking translations, on a small code base of its own."""

import gettext
import os

import pytest
from babel.messages.pofile import PoFileError
from django.core.management import CommandError, call_command
from django.test import override_settings

from core import catalogs

CODE = """
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext_lazy, pgettext


def f(name, count, word):
    _("Hello %(name)s") % {"name": name}
    gettext_lazy("Two " "pieces")
    ngettext("%(count)d lead", "%(count)d leads", count) % {"count": count}
    pgettext("verb", "Open")
    _("Open")
    npgettext_lazy("menu", "one", "many", count)
    _(word), _("")  # nothing to collect
    # Translators: of a file
    _("Size: {size}").format(size=1)
"""
TEMPLATE = """{% extends "base.html" %}{% load i18n %}
   {% block content %}
<p title="{% translate "Quoted 'text'" %}">{{ value|default:_("Nothing yet") }}</p>
 {% translate "Order" context "purchase" %} 100 % {# a comment #}
{% blocktranslate trimmed with name=user.name %}
    Dear {{ name }},
    welcome.
{% endblocktranslate %}
  {% if a %}{% translate "Two pieces" %}{% endif %}{% endblock %}
"""
TEXTS = {
    (None, "%(count)d lead"),
    (None, "Dear %(name)s, welcome."),
    (None, "Hello %(name)s"),
    (None, "Nothing yet"),
    (None, "Open"),
    (None, "Quoted 'text'"),
    (None, "Size: {size}"),
    (None, "Two pieces"),
    ("menu", "one"),
    ("purchase", "Order"),
    ("verb", "Open"),
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "core" / "migrations").mkdir(parents=True)
    (tmp_path / "core" / "code.py").write_text(CODE)
    (tmp_path / "core" / "migrations" / "0001.py").write_text('_("Not this")')
    (tmp_path / "templates" / "admin").mkdir(parents=True)
    (tmp_path / "templates" / "admin" / "page.html").write_text(TEMPLATE)
    with override_settings(ROOT=tmp_path, LOCALE_PATHS=[tmp_path / "locale"]):
        yield tmp_path


def po(locale="ja"):
    return catalogs.path_of(locale)


def translate(project, **changes):
    """Fills every gap of both catalogues with the text itself, then puts `changes` in the place of some."""
    for locale in ("ja", "zh_Hans"):
        catalog = catalogs.read(locale)
        for message in catalog:
            if message.id:
                text = message.id[1] if isinstance(message.id, tuple) else message.id
                wanted = changes.get(text, text) if locale == "ja" else text
                message.string = (wanted,) if isinstance(message.id, tuple) else wanted
        po(locale).write_bytes(catalogs.as_po(catalog, locale))


def test_all_texts_are_found_with_their_context_and_files(project):
    found = {(m.context, m.text): m for m in catalogs.extract(project)}
    assert set(found) == TEXTS
    assert found[None, "%(count)d lead"].id == ("%(count)d lead", "%(count)d leads")
    assert found[None, "Two pieces"].files == {"core/code.py", "templates/admin/page.html"}
    assert found[None, "Size: {size}"].comments == ["Translators: of a file"]


def test_updating_writes_both_languages_and_is_stable(project, capsys):
    call_command("update_messages")
    first = po().read_bytes()
    call_command("update_messages")
    assert po().read_bytes() == first
    assert po("zh_Hans").exists()
    assert "ja: 11 texts" in capsys.readouterr().out


def test_the_file_holds_nothing_that_changes_by_itself(project):
    call_command("update_messages")
    text = po().read_text()
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"' in text
    assert "#: core/code.py templates/admin/page.html\n" in text
    assert "code.py:" not in text
    assert "Date" not in text
    assert "fuzzy" not in text


def test_translations_are_kept_and_what_is_gone_goes(project):
    call_command("update_messages")
    translate(project, **{"Two pieces": "二つ", "%(count)d leads": "%(count)d 件"})
    (project / "core" / "code.py").write_text(CODE.replace('_("Open")', '_("Opened")'))
    call_command("update_messages")
    catalog = catalogs.read("ja")
    assert catalog.get("Two pieces").string == "二つ"
    assert catalog.get("%(count)d lead").string == ("%(count)d 件",)
    assert catalog.get("Open") is None
    assert catalog.get("Open", context="verb") is not None
    assert catalog.get("Opened").string == ""
    assert "#~" not in po().read_text()


def test_what_django_translates_is_taken_over(project):
    (project / "core" / "more.py").write_text('_("Log in")')
    call_command("update_messages")
    assert catalogs.read("ja").get("Log in").string == "ログイン"


def test_a_complete_catalogue_passes(project, capsys):
    call_command("update_messages")
    translate(project)
    call_command("check_translations")
    assert "11 texts are translated into zh_Hans, ja" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "translation", "problem"),
    [
        ("Open", "", "not translated: 'Open'"),
        ("Hello %(name)s", "こんにちは %(nam)s", "placeholders differ: 'Hello %(name)s'"),
        ("Size: {size}", "大きさ", "placeholders differ: 'Size: {size}'"),
        ("%(count)d leads", "案件", "placeholders differ: '%(count)d lead'"),
    ],
)
def test_a_gap_or_a_wrong_placeholder_fails(project, capsys, text, translation, problem):
    call_command("update_messages")
    translate(project, **{text: translation})
    with pytest.raises(CommandError):
        call_command("check_translations")
    assert f"ja: {problem}" in capsys.readouterr().err


def test_fuzzy_and_missing_entries_fail(project, capsys):
    call_command("update_messages")
    translate(project)
    text = po().read_text().replace('msgid "Two pieces"', '#, fuzzy\nmsgid "Two pieces"')
    po().write_text(text.replace('msgid "Nothing yet"', 'msgid "Something else"'))
    with pytest.raises(CommandError):
        call_command("check_translations")
    err = capsys.readouterr().err
    assert "ja: fuzzy: 'Two pieces'" in err
    assert "ja: missing: 'Nothing yet'" in err


def test_without_catalogues_everything_is_missing(project):
    with pytest.raises(CommandError, match="22 translations"):
        call_command("check_translations")


def test_compiling_makes_what_gettext_reads(project):
    call_command("update_messages")
    translate(project, **{"Two pieces": "二つ", "%(count)d leads": "%(count)d 件"})
    call_command("compile_translations", verbosity=0)
    with po().with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Two pieces") == "二つ"
    assert compiled.ngettext("%(count)d lead", "%(count)d leads", 1) == "%(count)d 件"
    assert compiled.pgettext("verb", "Open") == "Open"


def test_only_newer_files_are_compiled(project, capsys):
    call_command("update_messages")
    call_command("compile_translations")
    assert "ja/LC_MESSAGES/django.po" in capsys.readouterr().out
    call_command("compile_translations")
    assert capsys.readouterr().out == ""
    os.utime(po(), (2**33, 2**33))
    call_command("compile_translations")
    assert "ja/LC_MESSAGES/django.po" in capsys.readouterr().out


def test_a_broken_catalogue_is_an_error_and_not_half_a_file(project):
    po().parent.mkdir(parents=True)
    po().write_text('msgid "a"\nmsgstr "b"\nnonsense\n')
    with pytest.raises(PoFileError):
        call_command("compile_translations")
    assert not list(po().parent.glob("*.mo*"))
