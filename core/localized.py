"""Names and titles in the record's own script, English, Chinese and Japanese; readers get the one in their language."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from core.database_text import first_filled

SUFFIXES = {"en": "en", "zh-hans": "zh", "ja": "ja"}


class RecordLanguage(models.TextChoices):
    """Languages that names and minutes are written in (BCP 47); wider than the languages of the screens."""

    ENGLISH = "en", _("English")
    CHINESE_SIMPLIFIED = "zh-hans", _("Simplified Chinese")
    CHINESE_TRADITIONAL = "zh-hant", _("Traditional Chinese")
    JAPANESE = "ja", _("Japanese")
    KOREAN = "ko", _("Korean")
    GERMAN = "de", _("German")
    OTHER = "und", _("Other language")


def suffix_for(language: str | None = None) -> str:
    """`en`, `zh` or `ja`: the column suffix for a BCP 47 language (default: the active one)."""
    return SUFFIXES.get((language or get_language() or "en").lower(), "en")


def localized(own: str, english: str, chinese: str, japanese: str) -> str:
    """The spelling for the active language, falling back to the record's own script."""
    return {"en": english, "zh": chinese, "ja": japanese}[suffix_for()] or own


def localized_in_sql(own: Any, english: Any, chinese: Any, japanese: Any) -> Any:
    """`localized` as an expression."""
    chosen = {"en": english, "zh": chinese, "ja": japanese}[suffix_for()]
    return first_filled(chosen, own)


def joined(words: Iterable[Any]) -> str:
    """Names in a row, with the comma of the reader's language."""
    return pgettext("between names in a row", ", ").join(str(word) for word in words)


def fill_own_name(record: models.Model, stem: str) -> None:
    """`<stem>` may be left out when one of the translations is given; the first one then stands in."""
    if not getattr(record, stem):
        spellings = (getattr(record, f"{stem}_{suffix}") for suffix in ("zh", "ja", "en"))
        setattr(record, stem, next((spelling for spelling in spellings if spelling), ""))


HTML_LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "und": ""}


def html_language(code: str) -> str:
    """As the `lang` attribute writes it; empty where nobody knows."""
    return HTML_LANGUAGES.get(code, code)


def _spellings(record: Any, stem: str) -> list[tuple[str, str]]:
    translations = [(getattr(record, f"{stem}_{suffix}"), language) for language, suffix in SUFFIXES.items()]
    return [(getattr(record, stem), ""), *translations]


class Named(models.Model):
    """Mixin: `name` in its own script and three translations, any of which may be empty."""

    name = models.CharField(
        _("name"),
        max_length=255,
        blank=True,
        help_text=_("Official name in its own script. If left empty, one of the names below is used."),
    )
    name_en = models.CharField(_("English name"), max_length=255, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=255, blank=True)
    name_ja = models.CharField(_("Japanese name"), max_length=255, blank=True)

    display_paths: ClassVar[tuple[str, ...]] = ("name", "name_en", "name_zh", "name_ja")
    searched: ClassVar[tuple[str | tuple[str, ...], ...]] = ("name", "name_en", "name_zh", "name_ja")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.display_from(self.name, self.name_en, self.name_zh, self.name_ja)

    def spellings(self) -> list[tuple[str, str]]:
        """Each with the code of its language, if that is known."""
        return _spellings(self, "name")

    @staticmethod
    def display_from(*spellings: str) -> str:
        return localized(*spellings)

    @staticmethod
    def display_in_sql(*spellings: Any) -> Any:
        return localized_in_sql(*spellings)

    def clean(self) -> None:
        super().clean()
        fill_own_name(self, "name")
        if not self.name:
            raise ValidationError({"name": ValidationError(_("Give at least one name."), code="required")})

    def _stamp(self) -> None:
        fill_own_name(self, "name")
        super()._stamp()  # type: ignore[misc]


class Titled(models.Model):
    """Mixin: as `Named`, for things that have a title rather than a name."""

    title = models.CharField(
        _("title"),
        max_length=255,
        blank=True,
        help_text=_("Title in its own language. If left empty, one of the titles below is used."),
    )
    title_en = models.CharField(_("English title"), max_length=255, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=255, blank=True)
    title_ja = models.CharField(_("Japanese title"), max_length=255, blank=True)

    display_paths: ClassVar[tuple[str, ...]] = ("title", "title_en", "title_zh", "title_ja")
    searched: ClassVar[tuple[str | tuple[str, ...], ...]] = ("title", "title_en", "title_zh", "title_ja")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.display_from(self.title, self.title_en, self.title_zh, self.title_ja)

    def spellings(self) -> list[tuple[str, str]]:
        """Each with the code of its language, if that is known."""
        return _spellings(self, "title")

    @staticmethod
    def display_from(*spellings: str) -> str:
        return localized(*spellings)

    @staticmethod
    def display_in_sql(*spellings: Any) -> Any:
        return localized_in_sql(*spellings)

    def clean(self) -> None:
        super().clean()
        fill_own_name(self, "title")
        if not self.title:
            raise ValidationError({"title": ValidationError(_("Give at least one title."), code="required")})

    def _stamp(self) -> None:
        fill_own_name(self, "title")
        super()._stamp()  # type: ignore[misc]
