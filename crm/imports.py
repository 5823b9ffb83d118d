"""Which records of this app can be imported from files: how they are recognised, and what lists of others call them."""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import access
from core.imports.drafts import Draft
from core.imports.inputs import Session
from core.imports.kinds import AsideColumn, Kind, PartColumn, SplitColumn, register
from core.imports.models import Import
from core.imports.relations import Names, key_of, register_names
from crm.models import ContactPoint, Interaction, Lead, Organization, Person
from crm.people import RUN_TOGETHER
from crm.stations import ALL_STATIONS, own_stations

Twins = list[tuple[set[Any], list[Any]]]  # for each row its keys (unique?, …) and the records of the same keys

DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー", "-"))
BETWEEN_NAMES = re.compile(r"[\s・･·]+")
COMPOUND_SURNAMES = (
    "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "夏侯", "尉迟", "尉遲", "皇甫", "慕容", "令狐", "长孙",
    "長孫", "宇文", "司徒", "公孙", "公孫", "端木", "东方", "東方", "南宫", "南宮", "西门", "西門", "独孤", "獨孤",
)  # fmt: skip


def _all_or_own(user: Any, queryset: Any, action: str) -> Any:
    """Scope: who brought a file in, and who sees the records of all stations."""
    return queryset if user.has_perm(ALL_STATIONS) else queryset.filter(user=user)


access.register(Import, _all_or_own)

# -- organizations ----------------------------------------------------------------------------------------------------

ORGANIZATION_NAMES = ("name", "name_en", "name_zh", "name_ja")
register_names(Organization, Names((*ORGANIZATION_NAMES, "aliases__name"), searched=True))


def _names(organization: Any) -> set[str]:
    return {name for field in ORGANIZATION_NAMES if (name := getattr(organization, field))}


def _name_keys(organization: Any) -> set[str]:
    return {key_of(name) for name in _names(organization)}


def same_organizations(drafts: Sequence[Draft], session: Session) -> Twins:
    """By corporate number or credit code; by a name, in any script, and the country."""
    finder = session.finder(Organization)
    by_number = _by_number(finder, drafts)
    called = [_names(draft.record) for draft in drafts]
    finder.prepare(name for names in called for name in names)
    found: Twins = []
    for draft, names in zip(drafts, called, strict=True):
        record, spelled = draft.record, {key_of(name) for name in names}
        numbers = {number for number in (record.corporate_number, record.credit_code) if number}
        keys: set[Any] = {(True, number) for number in numbers}
        country = draft.fields.get("country", "")
        keys |= {(False, name, country) for name in spelled}
        same = [by_number[number] for number in numbers if number in by_number]
        # An alias leads here too, and is no name of its own. Who has the same name in its own script comes first.
        alike = [one for one in finder.called(names) if str(one.country) == country and spelled & _name_keys(one)]
        same += sorted(alike, key=lambda one: key_of(one.name) != key_of(record.name))
        found.append((keys, same))
    return found


def _by_number(finder: Any, drafts: Sequence[Draft]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in ("corporate_number", "credit_code"):
        numbers = {number for draft in drafts if (number := getattr(draft.record, field))}
        if numbers:
            found |= {getattr(one, field): one for one in finder.reachable().filter(**{f"{field}__in": numbers})}
    return found


def _alias(text: str) -> str:
    return unicodedata.normalize("NFC", text)


organizations = register(
    Kind(
        "organizations",
        twins=same_organizations,
        recognised_by=_(
            "Recognised by the corporate number or credit code, or by the name in any script and the country."
        ),
        extras=(
            PartColumn(
                "aliases", _("Other names"), "aliases", "name", several=True, clean=_alias,
                help=_("Short and former names, separated by semicolons."),
            ),
        ),
        needs_name="name",
        synonyms={
            "name": (
                "company", "company name", "organization", "organisation", "organization name", "会社名", "企業名",
                "社名", "法人名", "団体名", "組織名", "公司", "公司名称", "企业", "企业名称", "单位", "单位名称",
                "機関名", "机构名称",
            ),
            "name_en": (
                "company name (english)", "english company name", "英文名称", "英文公司名", "英語社名", "英文社名",
            ),
            "name_kana": ("kana", "フリガナ", "ふりがな", "カナ", "会社名カナ", "会社名（カナ）", "企業名フリガナ"),
            "country": ("country/region", "国", "国名", "国籍", "国家", "国家地区", "国别", "所在国"),
            "corporate_number": ("法人番号", "corporate number"),
            "credit_code": ("统一社会信用代码", "信用代码", "uscc", "credit code"),
            "city": ("城市", "市", "市区町村", "所在城市"),
            "address": ("所在地", "本社所在地", "住所", "地址"),
            "phone": ("tel", "telephone", "電話", "代表電話", "电话", "联系电话"),
            "website": ("url", "web", "homepage", "ホームページ", "hp", "网址", "官网", "网站"),
            "sectors_display": ("sector", "industry", "業種", "業界", "行业", "所属行业"),
            "notes": ("note", "remarks", "memo", "comment", "備考", "メモ", "备注", "说明"),
        },
    )
)  # fmt: skip

# -- people -----------------------------------------------------------------------------------------------------------

NAME_FIELDS = ("family_name", "given_name", "family_latin", "given_latin")


def _person_spellings(family: str, given: str, family_latin: str, given_latin: str) -> Iterable[str]:
    """In either order: keys have no spaces, so one spelling serves both ways of writing."""
    latin = (f"{family_latin}{given_latin}", f"{given_latin}{family_latin}")
    return {f"{family}{given}", f"{given}{family}", *latin} - {""}


def _either_way(name: str) -> tuple[str, ...]:
    """As written, and with the words turned round: people are searched by the family name first."""
    return (name, " ".join(reversed(BETWEEN_NAMES.split(name))))


register_names(Person, Names(NAME_FIELDS, _person_spellings, searched=True, variants=_either_way))


def _person_names(person: Any) -> set[str]:
    return {f"{person.family_name}{person.given_name}", f"{person.family_latin}{person.given_latin}"} - {""}


def same_people(drafts: Sequence[Draft], session: Session) -> Twins:
    """By the name together with the organization or an e-mail address; without either, by the name of somebody of
    whom neither is known."""
    finder = session.finder(Person)
    marks = _marks_of({one.pk for one in finder.called(name for d in drafts for name in _person_names(d.record))})
    found: Twins = []
    for draft in drafts:
        names, wanted = _person_names(draft.record), _marks(draft.new_parts)
        keys = {(False, key_of(name), mark) for name in names for mark in wanted or {""}}
        same = [
            one
            for one in finder.called(names)
            if (wanted & marks.get(one.pk, set()) if wanted else not marks.get(one.pk))
        ]
        found.append((keys, sorted(same, key=lambda one: key_of(one.own_name) != key_of(draft.record.own_name))))
    return found


def _marks(parts: Iterable[Any]) -> set[Any]:
    """What tells people of one name apart: organizations and e-mail addresses."""
    found: set[Any] = set()
    for part in parts:
        if isinstance(part, ContactPoint):
            found |= {part.value.casefold()} if part.kind == ContactPoint.Kind.EMAIL else set()
        else:
            found.add(part.organization_id or ("new", key_of(str(part.organization))))
    return found


def _marks_of(pks: set[int]) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = {}
    people = Person.objects.filter(pk__in=pks)
    for pk, organization in people.filter(affiliations__isnull=False).values_list("pk", "affiliations__organization"):
        found.setdefault(pk, set()).add(organization)
    addresses = ContactPoint.objects.filter(person__in=pks, kind=ContactPoint.Kind.EMAIL)
    for pk, address in addresses.values_list("person", "value"):
        found.setdefault(pk, set()).add(address.casefold())
    return found


def split_name(text: str) -> tuple[str, str]:
    """(family name, given name) of a name in East Asian order. Written without a space, only a Chinese name of two or
    three characters can be split; of others the whole becomes the family name, and reads the same."""
    words = unicodedata.normalize("NFKC", text).split()
    if len(words) > 1:
        return words[0], " ".join(words[1:])
    name = words[0] if words else ""
    size = 2 if name.startswith(COMPOUND_SURNAMES) else 1
    return (name[:size], name[size:]) if _is_chinese(name, size) else (name, "")


def _is_chinese(name: str, size: int) -> bool:
    if not all(RUN_TOGETHER.match(character) for character in name) or not size + 1 <= len(name) <= size + 2:
        return False
    try:
        name.encode("gb2312")
        name.encode("shift_jis")
    except UnicodeEncodeError as error:
        return error.encoding == "shift_jis"  # written with characters that Japanese does not have
    return False


def split_latin(text: str) -> tuple[str, str]:
    """(family name, given name) of a name in Latin letters; the one in capitals is the family's, else the last."""
    words = unicodedata.normalize("NFKC", text).replace(",", " , ").split()
    if "," in words:
        at = words.index(",")
        return " ".join(words[:at]), " ".join(words[at + 1 :])
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if len(words) > 1 and 0 < len(capitals) < len(words):
        return " ".join(capitals), " ".join(word for word in words if word not in capitals)
    return " ".join(words[-1:]), " ".join(words[:-1])


def phone(text: str) -> str:
    """With half-width signs, as the rules for phone numbers ask."""
    return unicodedata.normalize("NFKC", text).translate(DASHES).strip()


def email(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:")


def contact_points(text: str) -> list[dict[str, str]]:
    """`Phone, +81 3-…, office; E-mail, …` as the export joins them."""
    found: list[list[str]] = []
    for item in text.split("; "):
        kind, comma, rest = item.partition(", ")
        if comma or not found:
            found.append([kind, *rest.split(", ", 1)])
        else:
            found[-1][-1] += f"; {item}"
    return [dict(zip(("kind", "value", "label"), values, strict=False)) for values in found]


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def affiliations(text: str) -> list[dict[str, str]]:
    """`NEC, 部長, General manager, 営業部, 2019-07-01, 2024-03-31` as the export joins them, without what is empty.

    Of one text after the organization that is the position, of two the position and the department.
    """
    found = []
    for item in text.split("; "):
        organization, *rest = item.split(", ")
        days = [value for value in rest if _DAY.fullmatch(value)]
        texts = [value for value in rest if value not in days]
        names = ("position", "position_en", "department") if len(texts) > 2 else ("position", "department")
        dates = dict(zip(("starts_on", "ends_on"), days, strict=False))
        found.append({"organization": organization, **dict(zip(names, texts, strict=False)), **dates})
    return found


def new_organization(model: Any, name: str, draft: Draft) -> Any:
    """The organization that a row names and nobody has recorded yet; in the country that the row gives."""
    if model is not Organization:
        return None
    country = draft.identity.get("organization_country")
    return Organization(name=name, country=country) if country else None


WORK = "work"
people = register(
    Kind(
        "people",
        twins=same_people,
        recognised_by=_("Recognised by the name together with the organization or an e-mail address."),
        new_related=new_organization,
        parts_order={"contact_points": contact_points, "affiliations": affiliations},
        extras=(
            SplitColumn(
                "full_name", _("Full name"), ("family_name", "given_name"), split_name,
                help=_("Family name first, with a space between the names where possible."),
            ),
            SplitColumn("full_kana", _("Reading of the full name"), ("family_kana", "given_kana"), split_name),
            SplitColumn(
                "full_latin", _("Full name in Latin letters"), ("family_latin", "given_latin"), split_latin,
                help=_("Given name first, or the family name in capitals."),
            ),
            PartColumn("organization", _("Organization"), "affiliations", "organization", slot=WORK),
            AsideColumn(
                "organization_country", _("Country of the organization"), "crm.Organization", "country",
                help=_("Needed where organizations that are not known yet are to be added as well."),
            ),
            PartColumn("department", _("Department"), "affiliations", "department", slot=WORK),
            PartColumn("position", _("Position"), "affiliations", "position", slot=WORK),
            PartColumn("position_en", _("Position in English"), "affiliations", "position_en", slot=WORK),
            PartColumn(
                "email", _("E-mail"), "contact_points", "value", given={"kind": "email"}, clean=email, several=True
            ),
            PartColumn(
                "phone", _("Phone"), "contact_points", "value", given={"kind": "phone"}, clean=phone, several=True
            ),
            PartColumn(
                "mobile", _("Mobile phone"), "contact_points", "value", given={"kind": "phone", "label": "mobile"},
                clean=phone, several=True,
            ),
            PartColumn("wechat", _("WeChat"), "contact_points", "value", given={"kind": "wechat"}),
            PartColumn("line", _("LINE"), "contact_points", "value", given={"kind": "line"}),
        ),
        synonyms={
            "full_name": (
                "name", "person", "contact", "contact person", "氏名", "お名前", "名前", "ご芳名", "芳名", "担当者",
                "担当者名", "ご担当者名", "姓名", "联系人", "嘉宾", "嘉宾姓名",
            ),
            "full_kana": (
                "kana", "フリガナ", "ふりがな", "カナ", "氏名カナ", "氏名（カナ）", "氏名フリガナ", "お名前カナ",
            ),
            "full_latin": (
                "english name", "name (english)", "romaji", "ローマ字", "ローマ字氏名", "英文姓名", "英文名", "拼音",
            ),
            "family_name": ("last name", "surname", "family name", "姓", "苗字"),
            "given_name": ("first name", "given name", "名"),
            "family_kana": ("セイ", "姓カナ", "姓（カナ）"),
            "given_kana": ("メイ", "名カナ", "名（カナ）"),
            "organization": (
                "company", "company name", "organisation", "employer", "会社", "会社名", "企業名", "勤務先", "所属",
                "所属先", "貴社名", "御社名", "団体名", "公司", "公司名称", "单位", "单位名称", "工作单位", "企业名称",
            ),
            "organization_country": ("country", "国", "国名", "国家", "国别"),
            "department": ("dept", "division", "部署", "部署名", "所属部署", "部门", "部門"),
            "position": ("title", "job title", "role", "役職", "役職名", "肩書", "肩書き", "职务", "职位", "职称"),
            "email": (
                "mail", "e-mail address", "email address", "メール", "メールアドレス", "邮箱", "电子邮箱", "电子邮件",
            ),
            "phone": ("tel", "telephone", "phone number", "電話", "電話番号", "tel番号", "电话", "联系电话", "座机"),
            "mobile": ("cell", "cell phone", "携帯", "携帯電話", "携帯番号", "手机", "手机号", "手机号码", "移动电话"),
            "wechat": ("微信", "微信号", "wechat id"),
            "line": ("line id",),
            "language": ("language", "言語", "语言"),
            "collected_at": ("source", "event", "展示会", "展示会名", "来源"),
            "notes": ("note", "remarks", "memo", "comment", "備考", "メモ", "备注", "说明"),
        },
    )
)  # fmt: skip

# -- leads and interactions -------------------------------------------------------------------------------------------


def same_leads(drafts: Sequence[Draft], session: Session) -> Twins:
    """By the title and the organization."""
    organizations = {draft.record.organization_id for draft in drafts} - {None}
    finder = session.finder(Lead)
    pks: dict[Any, list[int]] = {}
    for pk, title, organization in (
        finder.reachable().filter(organization__in=organizations).values_list("pk", "title", "organization")
    ):
        pks.setdefault((key_of(title), organization), []).append(pk)
    return _told(finder, pks, [(key_of(d.record.title), d.record.organization_id) for d in drafts])


def _told(finder: Any, pks: dict[Any, list[int]], keys: list[tuple[Any, ...]]) -> Twins:
    finder.load(pk for key in keys for pk in pks.get(key, ()))
    return [
        ({(False, *key)} if None not in key else set(), [finder.records[pk] for pk in pks.get(key, ())]) for key in keys
    ]


def same_interactions(drafts: Sequence[Draft], session: Session) -> Twins:
    """By the subject, the minute in which it began, and the station."""
    finder = session.finder(Interaction)
    pks: dict[Any, list[int]] = {}
    times = [draft.record.starts_at for draft in drafts]
    between = (min(times), max(times) + datetime.timedelta(minutes=1))
    near = finder.reachable().filter(
        starts_at__range=between, station__in={d.record.station_id for d in drafts} - {None}
    )
    for pk, subject, starts_at, station in near.values_list("pk", "subject", "starts_at", "station"):
        pks.setdefault((key_of(subject), _minute(starts_at), station), []).append(pk)
    keys = [(key_of(d.record.subject), _minute(d.record.starts_at), d.record.station_id) for d in drafts]
    return _told(finder, pks, keys)


def _minute(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC).replace(second=0, microsecond=0)


def _own_station(user: Any) -> dict[str, Any]:
    """The station of somebody who works at one only."""
    stations = list(own_stations(user)[:2]) if user.pk and not user.has_perm(ALL_STATIONS) else []
    return {"station": stations[0]} if len(stations) == 1 else {}


def _own_lead(user: Any) -> dict[str, Any]:
    return {"owner": user, **_own_station(user)} if user.pk else {}


leads = register(
    Kind(
        "leads",
        twins=same_leads,
        recognised_by=_("Recognised by the title and the organization."),
        defaults=_own_lead,
        synonyms={
            "title": ("subject", "lead", "opportunity", "件名", "案件", "案件名", "线索", "线索名称", "项目", "标题"),
            "organization_display": (
                "company", "company name", "会社名", "企業名", "公司", "公司名称", "企业名称", "单位",
            ),
            "contact_display": ("contact person", "担当者", "先方担当者", "联系人"),
            "station_display": ("office", "事務所", "联络处", "联络站"),
            "owner_display": ("staff", "社内担当", "負責人", "负责人"),
            "interest_amount": ("amount", "金額", "投資額", "金额", "投资额", "意向金额"),
            "interest_currency": ("currency", "通貨", "币种"),
            "sector_display": ("sector", "industry", "業種", "行业"),
            "notes": ("note", "remarks", "memo", "備考", "メモ", "备注"),
        },
    )
)  # fmt: skip

interactions = register(
    Kind(
        "interactions",
        twins=same_interactions,
        recognised_by=_("Recognised by the subject, the time at which it began, and the station."),
        defaults=_own_station,
        synonyms={
            "subject": ("title", "topic", "件名", "議題", "主题", "标题"),
            "starts_at": ("date", "date and time", "time", "日時", "面談日", "日付", "时间", "日期"),
            "organizations_display": ("company", "companies", "会社名", "企業名", "公司", "公司名称", "企业名称"),
            "people_display": ("people", "participants", "先方出席者", "参加者", "对方人员"),
            "staff_display": ("our side", "当方出席者", "我方人员"),
            "minutes": ("notes", "record", "議事録", "内容", "纪要", "会议纪要"),
        },
    )
)  # fmt: skip
