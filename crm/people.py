"""People the agency knows, their names in each script, where they work and how to reach them."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from core import access
from core.database_text import TEXT, BeginsWithin
from core.localized import RecordLanguage, suffix_for
from core.merges import Mergeable, merged_index, merged_is_archived
from core.records import Part, Record, list_index

validate_phone = RegexValidator(
    r"^\+?[0-9(][0-9 ()./-]{3,}\Z", _("Write the phone number with digits, e.g. +81 3-1234-5678."), code="phone"
)
# Han characters (with 々), hiragana and hangul.
RUN_TOGETHER_RANGES = ("々々", "ぁゖ", "㐀鿿", "가힣", "豈\ufaff", "\U00020000\U0003ffff")
RUN_TOGETHER = re.compile(f"[{''.join('-'.join(ends) for ends in RUN_TOGETHER_RANGES)}]")


def own_script_name(family: str, given: str, order: str) -> str:
    """Family and given name in their order; names in Han characters, hiragana or hangul are written without a space."""
    names = [family, given] if order == Person.NameOrder.FAMILY_FIRST else [given, family]
    names = [name for name in names if name]
    return ("" if all(RUN_TOGETHER.match(name) for name in names) else " ").join(names)


def own_script_name_in_sql(family: Any, given: Any, order: Any) -> Any:
    """`own_script_name` as an expression."""
    alone = Q(Exact(family, "")) | Q(Exact(given, ""))
    run_together = Q(BeginsWithin(family, RUN_TOGETHER_RANGES)) & Q(BeginsWithin(given, RUN_TOGETHER_RANGES))
    between = Case(When(alone | run_together, then=Value("")), default=Value(" "), output_field=TEXT)
    return Case(
        When(Exact(order, Person.NameOrder.FAMILY_FIRST), then=Concat(family, between, given, output_field=TEXT)),
        default=Concat(given, between, family, output_field=TEXT),
        output_field=TEXT,
    )


class Person(Mergeable):
    """A person outside the agency. Shared by all staff."""

    class NameOrder(models.TextChoices):
        FAMILY_FIRST = "family_first", _("Family name first")
        GIVEN_FIRST = "given_first", _("Given name first")

    family_name = models.CharField(_("family name"), max_length=100, blank=True, help_text=_("In its own script."))
    given_name = models.CharField(_("given name"), max_length=100, blank=True, help_text=_("In its own script."))
    family_kana = models.CharField(_("family name reading"), max_length=100, blank=True)
    given_kana = models.CharField(_("given name reading"), max_length=100, blank=True)
    family_latin = models.CharField(_("family name in Latin letters"), max_length=100, blank=True)
    given_latin = models.CharField(_("given name in Latin letters"), max_length=100, blank=True)
    name_order = models.CharField(_("name order"), max_length=20, choices=NameOrder, default=NameOrder.FAMILY_FIRST)
    language = models.CharField(_("preferred language"), max_length=10, choices=RecordLanguage, blank=True, default="")
    collected_on = models.DateField(_("data collected on"), null=True, blank=True)
    collected_at = models.CharField(
        _("data collected at"), max_length=255, blank=True, help_text=_("Occasion or place, e.g. a trade fair.")
    )
    collected_from = models.CharField(
        _("data collected from"), max_length=255, blank=True, help_text=_("The person, or who passed the data on.")
    )
    notes = models.TextField(_("notes"), blank=True)

    reference_prefix = "H"
    display_paths = ("family_name", "given_name", "family_latin", "given_latin", "name_order")
    searched = (
        ("family_name", "given_name"), ("family_kana", "given_kana"), ("family_latin", "given_latin"),
        ("given_latin", "family_latin"), "contact_points__value",
        # An organization has aliases for the names of those merged into it; people have none.
        ("absorbed__family_name", "absorbed__given_name"), ("absorbed__family_kana", "absorbed__given_kana"),
        ("absorbed__family_latin", "absorbed__given_latin"),
    )  # fmt: skip
    searched_related = ("affiliations__organization",)
    found_with = ("affiliations__organization",)

    class Meta(Record.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("family_name", "given_name", "pk")
        indexes = [
            list_index("person_name", "family_name", "given_name"),
            list_index("person_family_latin", "family_latin"),
            list_index("person_updated", "updated_at"),
            merged_index("person_merged"),
        ]
        constraints = [merged_is_archived("person_merged_is_archived")]

    @staticmethod
    def display_from(family: str, given: str, family_latin: str, given_latin: str, order: str) -> str:
        first, second = (family, given), (family_latin, given_latin)
        if suffix_for() == "en":
            first, second = second, first
        return own_script_name(*first, order) or own_script_name(*second, order)

    @staticmethod
    def display_in_sql(family: Any, given: Any, family_latin: Any, given_latin: Any, order: Any) -> Any:
        own = own_script_name_in_sql(family, given, order)
        latin = own_script_name_in_sql(family_latin, given_latin, order)
        in_latin = suffix_for() == "en"
        missing = [Q(Exact(part, "")) for part in ((family_latin, given_latin) if in_latin else (family, given))]
        first, second = (latin, own) if in_latin else (own, latin)
        return Case(When(missing[0] & missing[1], then=second), default=first, output_field=TEXT)

    @property
    def own_name(self) -> str:
        return own_script_name(self.family_name, self.given_name, self.name_order)

    def spellings(self) -> list[tuple[str, str]]:
        latin = own_script_name(self.family_latin, self.given_latin, self.name_order)
        return [
            (self.own_name, self.language),
            (f"{self.family_kana} {self.given_kana}".strip(), "ja"),
            (latin, "en"),
        ]

    @property
    def detail(self) -> str:
        return " · ".join(str(post) for post in self.affiliations.all() if post.ends_on is None)

    def clean(self) -> None:
        super().clean()
        if not any((self.family_name, self.given_name, self.family_latin, self.given_latin)):
            raise ValidationError({"family_name": ValidationError(_("Give at least one name."), "required")})


class Affiliation(Part):
    """A post that a person holds or held."""

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="affiliations")
    organization = models.ForeignKey(
        "crm.Organization", models.PROTECT, verbose_name=_("organization"), related_name="affiliations"
    )
    position = models.CharField(_("position"), max_length=150, blank=True)
    position_en = models.CharField(_("position in English"), max_length=150, blank=True)
    department = models.CharField(_("department"), max_length=150, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    whole = "person"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = (F("ends_on").desc(nulls_first=True), "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="affiliation_ends_after_start",
                violation_error_message=_("The end of the affiliation is before its start."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.position}".strip()

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            message = _("The end of the affiliation is before its start.")
            raise ValidationError({"ends_on": ValidationError(message, "order")})


class ContactPoint(Part):
    """One way to reach a person."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        WECHAT = "wechat", _("WeChat")
        LINE = "line", _("LINE")

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.EMAIL)
    value = models.CharField(_("address or number"), max_length=255)
    label = models.CharField(_("label"), max_length=50, blank=True, help_text=_("E.g. office, mobile, assistant."))

    whole = "person"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        ordering = ("kind", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "value"],
                name="contact_point_once_per_person",
                violation_error_message=_("This contact point is already listed."),
            )
        ]

    def __str__(self) -> str:
        return self.value

    def clean(self) -> None:
        super().clean()
        check: dict[str, Any] = {self.Kind.EMAIL: validate_email, self.Kind.PHONE: validate_phone}
        if self.kind in check and self.value:
            try:
                check[self.kind](self.value)
            except ValidationError as error:
                raise ValidationError({"value": error}) from None


access.register(Person)
access.register_part(Affiliation, "person")
access.register_part(ContactPoint, "person")
