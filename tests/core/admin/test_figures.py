"""The page of the figures and its charts."""

import re

import pytest
from django.urls import reverse

from core.admin.links import list_url
from crm.models import Lead
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db


def page(client, **query):
    response = client.get(reverse("admin:figures"), query)
    assert response.status_code == 200
    return response


def charts(client):
    return {chart.slug: chart for chart in page(client).context["charts"]}


def test_a_chart_has_a_bar_for_each_month_and_leads_to_its_records(officer, tokyo_station, logged_in):
    LeadFactory.create_batch(2, station=tokyo_station)
    client = logged_in(officer)
    chart = charts(client)["leads"]
    assert [len(chart.bars), chart.number, chart.bars[-1].count] == [13, "2", "2"]
    for address in (chart.list_url, chart.bars[-1].url):
        assert client.get(address).context["cl"].result_count == 2
    assert client.get(chart.bars[0].url).context["cl"].result_count == 0


def test_every_bar_of_every_chart_leads_to_a_list(director, logged_in):
    client = logged_in(director)
    for chart in charts(client).values():
        assert client.get(chart.bars[3].url).context["cl"].result_count == 0
        assert "created_after" in chart.list_url or "after" in chart.list_url


def test_the_file_holds_the_records_of_the_chart(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station, title="Battery plant")
    Lead.objects.filter(pk=LeadFactory(station=tokyo_station, title="Long ago").pk).update(
        created_at="2020-01-01T00:00:00Z"
    )
    client = logged_in(officer)
    text = b"".join(client.get(charts(client)["leads"].export_url)).decode()
    assert lead.title in text
    assert "Long ago" not in text


def test_who_may_not_take_records_away_gets_no_such_link(auditor, logged_in):
    assert {chart.export_url for chart in charts(logged_in(auditor)).values()} == {""}


def test_all_numbers_of_a_chart_are_in_its_table(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station)
    text = page(logged_in(officer)).content.decode()
    assert len(re.findall(r'<th scope="row">', text)) == 13 * len(re.findall('<svg class="chart"', text))


def test_a_part_has_no_frame_and_may_be_kept_for_minutes(officer, logged_in):
    response = page(logged_in(officer), part="1")
    assert response["Cache-Control"] == "private, max-age=300"
    assert "<html" not in response.content.decode()
    assert "no-store" in page(logged_in(officer))["Cache-Control"]


def test_staff_without_rights_have_no_figures_and_no_link(nobody, logged_in):
    client = logged_in(nobody)
    assert page(client).context["charts"] == []
    assert client.get(reverse("admin:index")).context["has_figures"] is False
    assert reverse("admin:figures") not in client.get(list_url(Lead)).content.decode()


def test_figures_come_first_for_those_who_look_after_all_stations(director, officer, logged_in):
    first = {
        user.username: logged_in(user).get(reverse("admin:index")).context["figures_first"]
        for user in (director, officer)
    }
    assert first == {"director": True, "officer": False}


def test_the_start_page_does_not_count_them(officer, logged_in, monkeypatch):
    monkeypatch.setattr("core.figures.figure", lambda *given: 1 / 0)
    assert logged_in(officer).get(reverse("admin:index")).status_code == 200


def test_numbers_of_a_drawing_are_in_the_form_of_svg(logged_in, tokyo_station):
    user = UserFactory(role="Director", language="ja")
    LeadFactory.create_batch(3, station=tokyo_station)
    text = page(logged_in(user)).content.decode()
    drawn = re.findall(r'<rect x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"', text)
    assert len(drawn) == 13 * 5
    assert all(re.fullmatch(r"\d+(\.\d+)?", number) for rect in drawn for number in rect)
