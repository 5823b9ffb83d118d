"""The kinds of event that an agency starts with."""

from django.db import migrations

KINDS = (
    ("promotion_conference", "Promotion conference", "招商推介会", "投資誘致説明会", False),
    ("seminar", "Seminar", "专题研讨会", "セミナー", False),
    ("round_table", "Round table", "圆桌会议", "円卓会議", False),
    ("exhibition", "Exhibition", "展会", "展示会", False),
    ("signing_ceremony", "Signing ceremony", "签约仪式", "調印式", False),
    ("inbound_visit", "Inbound visit", "来访考察", "受入視察", True),
    ("outbound_delegation", "Outbound delegation", "出访经贸代表团", "海外派遣経済貿易代表団", True),
    ("other", "Other", "其他", "その他", False),
)


def fill(apps, schema_editor):
    model = apps.get_model("events", "EventKind")
    model.objects.using(schema_editor.connection.alias).bulk_create(
        model(code=code, name_en=en, name_zh=zh, name_ja=ja, is_delegation=delegation, position=position * 10)
        for position, (code, en, zh, ja, delegation) in enumerate(KINDS, start=1)
    )


def empty(apps, schema_editor):
    model = apps.get_model("events", "EventKind")
    model.objects.using(schema_editor.connection.alias).filter(code__in=[row[0] for row in KINDS]).delete()


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
