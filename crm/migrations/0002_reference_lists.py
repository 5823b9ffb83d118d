"""The sectors, channels and lost reasons that an agency starts with."""

from django.db import migrations

SECTORS = (
    ("machinery", "Machinery and robotics", "机械与机器人", "機械・ロボット"),
    ("electronics", "Electronics and electrical equipment", "电子与电气设备", "電子・電気機器"),
    ("semiconductors", "Semiconductors", "半导体", "半導体"),
    ("automotive", "Automotive and mobility", "汽车与出行", "自動車・モビリティ"),
    ("chemicals", "Chemicals", "化工", "化学"),
    ("materials", "Materials and metals", "材料与金属", "素材・金属"),
    ("biomedicine", "Biomedicine", "生物医药", "バイオ・医薬"),
    ("medical_devices", "Medical devices", "医疗器械", "医療機器"),
    ("food", "Food and beverages", "食品饮料", "食品・飲料"),
    ("consumer_goods", "Consumer goods", "消费品", "消費財"),
    ("software_it", "Software and IT services", "软件与信息技术服务", "ソフトウェア・ITサービス"),
    ("telecom", "Telecommunications", "通信", "通信"),
    ("energy_environment", "Energy and environment", "能源与环保", "エネルギー・環境"),
    ("construction_real_estate", "Construction and real estate", "建筑与房地产", "建設・不動産"),
    ("logistics", "Logistics", "物流", "物流"),
    ("retail_trade", "Retail and trade", "商贸零售", "小売・商社"),
    ("finance", "Finance", "金融", "金融"),
    ("business_services", "Business services", "商务服务", "ビジネスサービス"),
    ("education_research", "Education and research", "教育与科研", "教育・研究"),
    ("agriculture", "Agriculture and fishery", "农业与渔业", "農林水産"),
    ("other", "Other", "其他", "その他"),
)
CHANNELS = (
    ("promotion_event", "Promotion event", "招商活动", "誘致イベント"),
    ("delegation_visit", "Delegation visit", "代表团拜访", "代表団の訪問"),
    ("exhibition", "Exhibition", "展会", "展示会"),
    ("referral", "Referral", "引荐", "紹介"),
    ("partner", "Partner institution", "合作机构", "提携機関"),
    ("existing_investor", "Existing investor", "存量企业", "進出済み企業"),
    ("inbound_inquiry", "Inbound inquiry", "主动咨询", "先方からの問い合わせ"),
    ("desk_research", "Desk research", "自主挖掘", "自主リサーチ"),
    ("other", "Other", "其他", "その他"),
)
LOST_REASONS = (
    ("site_elsewhere", "Chose another place", "选址他处", "他地域に決定"),
    ("cost", "Cost", "成本", "コスト"),
    ("timing", "Timing, plan postponed", "时机不成熟、计划推迟", "時期尚早・計画延期"),
    ("policy", "Policy or approval", "政策或审批", "政策・許認可"),
    ("financing", "Financing", "资金", "資金調達"),
    ("no_response", "No response", "无回应", "応答なし"),
    ("not_suitable", "Does not suit the zone", "与园区定位不符", "園区の方針に合わない"),
    ("other", "Other", "其他", "その他"),
)
LISTS = {"Sector": SECTORS, "Channel": CHANNELS, "LostReason": LOST_REASONS}


def fill(apps, schema_editor):
    for name, rows in LISTS.items():
        model = apps.get_model("crm", name)
        model.objects.using(schema_editor.connection.alias).bulk_create(
            model(code=code, name_en=english, name_zh=chinese, name_ja=japanese, position=position * 10)
            for position, (code, english, chinese, japanese) in enumerate(rows, start=1)
        )


def empty(apps, schema_editor):
    """Only what nobody uses: entries in use are protected, and reversing then stops."""
    for name, rows in LISTS.items():
        model = apps.get_model("crm", name)
        model.objects.using(schema_editor.connection.alias).filter(code__in=[row[0] for row in rows]).delete()


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
