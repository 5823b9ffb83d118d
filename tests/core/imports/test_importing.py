"""From a list as staff have it to records: mapping, relations, duplicates, running, undoing, the command."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from core.imports import checking, mapping, running, uploads
from core.imports.models import Import
from crm.models import ContactPoint, Lead, Organization, Person
from tests.core.imports.making import carried_out, checked, csv_bytes, imported, told, uploaded
from tests.factories import LeadFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db

FAIR = [
    ["来場者リスト 2024"],
    ["氏名", "フリガナ", "会社名", "部署", "役職", "メールアドレス", "TEL"],
    ["山田 太郎", "ヤマダ タロウ", "日本電氣株式会社", "営業部", "部長", "taro@example.jp", "０３−１２３４−５６７８"],
    ["佐藤 花子", "サトウ ハナコ", "", "", "", "hanako@example.jp", ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "gb18030"])
def test_a_list_of_a_trade_fair_in_every_encoding(encoding, officer):
    company = OrganizationFactory(name="日本電気株式会社")
    import_ = imported(officer, "people", csv_bytes(*FAIR, encoding=encoding))
    person = Person.objects.get(family_name="山田")
    assert (person.given_name, person.family_kana, person.created_by) == ("太郎", "ヤマダ", officer)
    assert [(a.organization, a.position, a.department) for a in person.affiliations.all()] == [
        (company, "部長", "営業部")
    ]
    points = ContactPoint.objects.filter(person=person).values_list("kind", "value")
    assert set(points) == {("email", "taro@example.jp"), ("phone", "03-1234-5678")}
    assert (import_.rows_total, import_.rows_added) == (2, 2)


def test_importing_twice_adds_nothing(officer):
    OrganizationFactory(name="日本電気株式会社")
    imported(officer, "people", csv_bytes(*FAIR))
    again = imported(officer, "people", csv_bytes(*FAIR))
    assert (again.rows_added, again.rows_skipped, Person.objects.count()) == (0, 2, 2)


def test_running_twice_adds_nothing(officer):
    import_ = imported(officer, "organizations", b"name,country\nWorks,JP\n")
    running.run(import_.pk)
    assert Organization.objects.filter(name="Works").count() == 1
    with pytest.raises(ValidationError):
        running.start(import_)


def test_organizations_that_are_missing_can_be_added_too(officer):
    content = csv_bytes(*FAIR)
    import_ = imported(officer, "people", content, add_missing=True, values={"organization_country": "JP"})
    assert Organization.objects.get().country == "JP"
    running.undo(import_, officer)
    assert not Organization.objects.exists()
    assert not Person.objects.exists()


def test_a_mapping_is_remembered(officer):
    import_ = uploaded(officer, "organizations", b"x,y\nWorks,JP\n", mapping=["name", "country"])
    mapping.remember(import_)
    assert uploaded(officer, "organizations", b"x,y\nOther,JP\n").mapping == ["name", "country"]
    assert mapping.origin(import_) == "remembered"


@pytest.mark.parametrize(
    "day", ["2019-07-02", "2019/7/2", "2019年7月2日", "令和元年7月2日", "43648", "２０１９／７／２"]
)
@pytest.mark.parametrize("amount", ["1234.5", "1,234.50", "１，２３４．５０"])
def test_dates_and_amounts_as_people_write_them(day, amount, officer):
    OrganizationFactory(name="Works")
    headings = ["title", "organization_display", "received_on", "interest_amount", "interest_currency"]
    imported(officer, "leads", csv_bytes(headings, ["Line", "Works", day, amount, "JPY"]))
    lead = Lead.objects.get()
    assert (lead.received_on.isoformat(), str(lead.interest_amount), lead.owner) == ("2019-07-02", "1234.50", officer)


def test_choices_in_all_languages(officer):
    rows = [["A", "企业", "日本"], ["B", "企業", "Japan"], ["C", "Company", "JP"]]
    imported(officer, "organizations", csv_bytes(["name", "kind", "country"], *rows))
    assert set(Organization.objects.values_list("kind", "country")) == {("company", "JP")}


def test_everything_wrong_is_told_at_once_at_its_cell(officer):
    rows = [["A", "JP", "7010401022916"], ["", "Nowhere", "123"]]
    _import, preview = checked(officer, "organizations", csv_bytes(["name", "country", "corporate_number"], *rows))
    assert [(row, heading) for row, heading, _text in told(preview)] == [
        (3, "name"), (3, "country"), (3, "corporate_number"),
    ]  # fmt: skip


def test_a_name_that_several_records_have(officer):
    OrganizationFactory(name="日本電気"), OrganizationFactory(name="日本电气")
    _import, preview = checked(officer, "leads", csv_bytes(["title", "organization_display"], ["Line", "日本電氣"]))
    ((_row, heading, text),) = told(preview)
    assert heading == "organization_display"
    assert text.count("O-") == 2


def test_a_record_out_of_reach_does_not_exist(officer, stranger, osaka_station):
    theirs = LeadFactory(title="Secret", station=osaka_station, owner=stranger)
    rows = [[f"About {name}", name] for name in ("Secret", theirs.reference, "Nothing")]
    _import, preview = checked(officer, "interactions", csv_bytes(["subject", "lead_display"], *rows))
    assert [text for _row, _heading, text in told(preview)] == [
        f"There is no record “{name}” that you can reach." for _subject, name in rows
    ]


def test_nobody_files_under_another_station(officer, osaka_station):
    OrganizationFactory(name="Works")
    content = csv_bytes(["title", "organization_display", "station_display"], ["Line", "Works", "大阪誘致事務所"])
    _import, preview = checked(officer, "leads", content)
    assert told(preview) == [(2, "station_display", "You do not work at this station. Choose one of your own.")]


def test_a_duplicate_is_refused_or_updated_as_chosen(officer):
    record = OrganizationFactory(name="日本電気", country="JP")
    content = csv_bytes(["name", "country", "city"], ["日本电气", "JP", "東京"])
    _import, preview = checked(officer, "organizations", content, duplicates="refuse")
    assert preview.problem_count == 1
    updated = imported(officer, "organizations", content, duplicates="update")
    record.refresh_from_db()
    assert (updated.rows_updated, record.city, record.version) == (1, "東京", 2)
    running.undo(updated, officer)
    record.refresh_from_db()
    assert (record.city, record.name) == ("", "日本電気")


def test_undo_is_refused_once_something_was_built_on_a_record(officer):
    import_ = imported(officer, "organizations", b"name,country\nWorks,JP\nOther,JP\n")
    LeadFactory(title="Line", organization=Organization.objects.get(name="Works"))
    other = Organization.objects.get(name="Other")
    with pytest.raises(ValidationError) as error:
        running.undo(import_, officer)
    assert "Works" in " ".join(error.value.messages)
    other.save()
    with pytest.raises(ValidationError, match="Other"):
        running.undo(import_, officer)
    assert Organization.objects.count() == 2


def test_undo_is_audited(officer):
    import_ = imported(officer, "people", csv_bytes(*FAIR[1:2], ["李 明", "", "", "", "", "a@b.cn", ""]))
    running.undo(import_, officer)
    removed = LogEntry.objects.filter(action=LogEntry.Action.DELETE, actor=officer)
    assert {entry.content_type.model for entry in removed} == {"person", "contactpoint"}


def test_a_change_after_the_check_stores_nothing(officer):
    company = OrganizationFactory(name="Works")
    import_, _preview = checked(officer, "people", b"full_name,organization\nTaro Yamada,Works\n")
    company.name = company.name_ja = "Renamed"
    company.save()
    Import.objects.filter(pk=import_.pk).update(status=Import.Status.WAITING)
    running.run(import_.pk)
    import_.refresh_from_db()
    assert (import_.status, Person.objects.count()) == ("failed", 0)


def test_who_may_not_add_may_not_import(auditor):
    with pytest.raises(PermissionDenied):
        uploaded(auditor, "organizations", b"name,country\nWorks,JP\n")


def test_what_is_needed_is_asked_for(officer):
    import_ = uploaded(officer, "organizations", b"name,city\nWorks,Osaka\n")
    with pytest.raises(ValidationError, match="Country"):
        checking.check(import_)
    import_.values = {"country": "日本"}
    assert checking.check(import_).to_add == 1


def test_an_interrupted_import_can_be_started_again(officer):
    import_, _preview = checked(officer, "organizations", b"name,country\nWorks,JP\n")
    Import.objects.filter(pk=import_.pk).update(status="running", run="gone", started_at="2024-01-01T00:00Z")
    import_.refresh_from_db()
    assert import_.is_silent
    running.recognise_dead()
    running.start(import_)
    assert carried_out(import_).rows_added == 1


def test_old_files_are_cleared_away(officer):
    import_ = imported(officer, "organizations", b"name,country\nWorks,JP\n")
    Import.objects.update(created_at="2020-01-01T00:00Z")
    uploads.clear_old_files()
    import_.refresh_from_db()
    assert not import_.file
    with pytest.raises(ValidationError, match="no longer there"):
        checking.look(import_)


def test_the_archived_twin_is_not_updated(officer):
    PersonFactory(family_name="李", given_name="明").archive("left")
    _import, preview = checked(officer, "people", csv_bytes(["full_name"], ["李 明"]), duplicates="update")
    assert "archived" in told(preview)[0][2]


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command_imports_a_file(officer, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("Firma,Land\nWorks,JP\n")
    options = {"user": "officer", "map": ["Firma=name", "Land=country"]}
    call_command("import_records", "organizations", str(tmp_path / "x.csv"), dry_run=True, **options)
    assert not Organization.objects.exists()
    call_command("import_records", "organizations", str(tmp_path / "x.csv"), **options)
    assert Organization.objects.get().created_by == officer
    assert "Added 1, updated 0" in capsys.readouterr().out


def test_the_command_tells_all_problems_and_stores_nothing(officer, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("name,country\nWorks,JP\nA,Nowhere\nB,Nowhere\n")
    with pytest.raises(CommandError, match="2 problems"):
        call_command("import_records", "organizations", str(tmp_path / "x.csv"), user="officer")
    told_ = capsys.readouterr().err
    assert "row 3, country" in told_
    assert "row 4, country" in told_
    assert not Import.objects.exists()
