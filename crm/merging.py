"""What of this app can be merged, and under which names what was merged goes on being known."""

from collections.abc import Iterable, Iterator

from core import merging
from core.localized import RecordLanguage
from crm.organizations import ENGLISH_SPEAKING, LANGUAGE_SLOT, Alias, Organization
from crm.people import Person

LANGUAGES = {
    "name_en": RecordLanguage.ENGLISH,
    "name_zh": RecordLanguage.CHINESE_SIMPLIFIED,
    "name_ja": RecordLanguage.JAPANESE,
}


def other_names(kept: Organization, others: Iterable[Organization]) -> Iterator[Alias]:
    """Aliases for the names that the kept organization does not go by."""
    known = {kept.name, kept.name_en, kept.name_zh, kept.name_ja}
    known |= set(Alias.objects.filter(organization=kept).values_list("name", flat=True))
    for other in others:
        for name, language in _names(other):
            if name and name not in known:
                known.add(name)
                yield Alias(organization=kept, name=name, kind=Alias.Kind.AS_WRITTEN, language=language)


def _names(organization: Organization) -> Iterator[tuple[str, str]]:
    """Those whose language is known first."""
    for field, language in LANGUAGES.items():
        yield getattr(organization, field), language
    country = str(organization.country)
    slot = LANGUAGE_SLOT.get(country) or ("name_en" if country in ENGLISH_SPEAKING else "")
    yield organization.name, LANGUAGES.get(slot, RecordLanguage.OTHER)


merging.register(Organization, other_names)
merging.register(Person)
