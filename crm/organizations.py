"""Companies, governments, associations: who the agency deals with, under all the names they go by."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import access
from core.hierarchy import refuse_cycle
from core.localized import Named, RecordLanguage
from core.merges import Mergeable, merged_index, merged_is_archived
from core.records import Part, Record, list_index
from crm.identifiers import compact, validate_corporate_number, validate_credit_code

LANGUAGE_SLOT = {"JP": "name_ja", "CN": "name_zh", "HK": "name_zh", "TW": "name_zh", "MO": "name_zh"}
ENGLISH_SPEAKING = {"US", "GB", "AU", "CA", "NZ", "IE", "SG"}


class Organization(Named, Mergeable):
    """An organization. Shared by all staff."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        GOVERNMENT = "government", _("Government")
        ASSOCIATION = "association", _("Association")
        INSTITUTE = "institute", _("Research institute")
        UNIVERSITY = "university", _("University or school")
        FINANCE = "finance", _("Bank or fund")
        MEDIA = "media", _("Media")
        OTHER = "other", _("Other")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COMPANY)
    country = CountryField(_("country"))
    name_kana = models.CharField(_("kana reading"), max_length=255, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("parent organization"), related_name="children", null=True, blank=True
    )
    corporate_number = models.CharField(
        _("corporate number (Japan)"), max_length=13, blank=True, validators=[validate_corporate_number]
    )
    credit_code = models.CharField(
        _("unified social credit code (China)"), max_length=18, blank=True, validators=[validate_credit_code]
    )
    listed_code = models.CharField(_("listed code"), max_length=20, blank=True, help_text=_("E.g. 6701, 600519."))
    sectors = models.ManyToManyField("crm.Sector", verbose_name=_("sectors"), related_name="organizations", blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    website = models.URLField(_("website"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    source = models.CharField(_("source"), max_length=255, blank=True, help_text=_("Where these data come from."))
    notes = models.TextField(_("notes"), blank=True)

    reference_prefix = "O"
    searched = (
        *Named.searched, "name_kana", "corporate_number", "credit_code", "listed_code", "phone", "website",
        "aliases__name",
    )  # fmt: skip

    class Meta(Record.Meta):
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name", "pk")
        indexes = [
            list_index("organization_name", "name"),
            list_index("organization_name_en", "name_en"),
            list_index("organization_country", "country"),
            list_index("organization_updated", "updated_at"),
            merged_index("organization_merged"),
        ]
        constraints = [
            merged_is_archived("organization_merged_is_archived"),
            models.UniqueConstraint(
                fields=["corporate_number"],
                condition=~Q(corporate_number=""),
                name="organization_corporate_number_once",
                violation_error_code="unique",  # puts the message at the field
                violation_error_message=_("Another organization already has this corporate number."),
            ),
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="organization_credit_code_once",
                violation_error_code="unique",
                violation_error_message=_("Another organization already has this credit code."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        self.corporate_number = compact(self.corporate_number)
        self.credit_code = compact(self.credit_code)
        refuse_cycle(self, _("An organization cannot be its own parent or ancestor."))

    @property
    def detail(self) -> str:
        return " · ".join(
            filter(None, (str(self.get_kind_display()), str(getattr(self.country, "name", "")), self.city))
        )

    def _stamp(self) -> None:
        self._fill_own_language()
        super()._stamp()

    def _fill_own_language(self) -> None:
        """A Japanese company's own name is also its Japanese name; so readers of each language find it there.

        Not where `name` merely stands in for a translation: an English name is no Japanese one.
        """
        country = self.__dict__.get("country") or str(self.country)  # the code itself takes no object to be read
        slot = LANGUAGE_SLOT.get(country) or ("name_en" if country in ENGLISH_SPEAKING else "")
        if slot and not getattr(self, slot) and self.name not in (self.name_en, self.name_zh, self.name_ja):
            setattr(self, slot, self.name)


class Alias(Part):
    """Another name that an organization goes by, or went by."""

    class Kind(models.TextChoices):
        SHORT = "short", _("Short name")
        FORMER = "former", _("Former name")
        ACRONYM = "acronym", _("Acronym")
        TRADE = "trade", _("Trade name")
        TRANSLATION = "translation", _("Translation")
        AS_WRITTEN = "as_written", _("As written in a document")

    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name=_("organization"), related_name="aliases"
    )
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SHORT)
    language = models.CharField(_("language"), max_length=10, choices=RecordLanguage, default=RecordLanguage.ENGLISH)
    note = models.CharField(_("note"), max_length=255, blank=True)

    whole = "organization"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name", "kind"],
                name="alias_once_per_organization",
                violation_error_message=_("This name is already listed."),
            )
        ]

    def __str__(self) -> str:
        return self.name


access.register(Organization)
access.register_part(Alias, "organization")
