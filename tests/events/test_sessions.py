import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from events.models import Session
from tests.factories import EventFactory, PersonFactory, SessionFactory, SpeakerFactory, StationFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.date(2019, 7, 2)
TEN, ELEVEN = datetime.time(10), datetime.time(11)


class TestTimes:
    @pytest.mark.parametrize("end", [TEN, datetime.time(9, 59)])
    def test_a_session_ends_after_it_starts(self, end):
        session = SessionFactory()
        session.starts_at, session.ends_at = TEN, end
        assert refusals(session) == {"ends_at": ["The session ends before it starts."]}
        with pytest.raises(IntegrityError), transaction.atomic():
            session.save()

    @pytest.mark.parametrize(("start", "end"), [(TEN, ELEVEN), (TEN, None), (None, TEN), (None, None)])
    def test_either_time_may_be_unknown(self, start, end):
        assert refusals(SessionFactory(starts_at=start, ends_at=end)) == {}

    @pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, True), (1, True), (2, False)])
    def test_takes_place_on_a_day_of_the_event(self, days, fine):
        event = EventFactory(starts_on=DAY, ends_on=DAY + datetime.timedelta(1))
        session = SessionFactory.build(event=event, held_on=DAY + datetime.timedelta(days))
        message = "The event lasts from 2019-07-02 to 2019-07-03; choose a day of it."
        assert refusals(session) == ({} if fine else {"held_on": [message]})


class TestUnveiling:
    def test_an_unveiling_unveils_a_station(self):
        assert refusals(SessionFactory(kind="unveiling", unveils=StationFactory())) == {}

    def test_no_other_session_does(self):
        session = SessionFactory(kind="speech")
        session.unveils = StationFactory()
        assert refusals(session) == {"unveils": ["Only a session of the kind “unveiling” unveils a station."]}
        with pytest.raises(IntegrityError), transaction.atomic():
            session.save()


class TestTitles:
    def test_at_least_one_title_is_needed(self):
        assert refusals(SessionFactory.build(event=EventFactory(), title="")) == {"title": ["Give at least one title."]}

    def test_the_own_title_may_be_left_out_where_a_translation_is_given(self):
        session = SessionFactory.build(event=EventFactory(), title="", title_en="Unveiling", title_zh="揭牌仪式")
        assert refusals(session) == {}
        assert session.title == "揭牌仪式"

    @pytest.mark.parametrize(("language", "title"), [("en", "Unveiling"), ("zh-hans", "揭牌仪式"), ("ja", "揭牌")])
    def test_readers_see_the_title_in_their_language(self, language, title):
        session = Session(title="揭牌", title_en="Unveiling", title_zh="揭牌仪式")
        with translation.override(language):
            assert str(session) == title

    @pytest.mark.parametrize("query", ["development", "opening", "conference"])
    def test_is_found_by_title_topic_and_event(self, query):
        event = EventFactory(name="Tokyo conference")
        session = SessionFactory(event=event, title="Opening", topics="Overall development\nPlanning of the zone")
        SessionFactory()
        assert list(Session.objects.search(query)) == [session]


class TestProgramme:
    def test_is_in_the_order_given(self):
        event = EventFactory()
        second, first = (SessionFactory(event=event, position=position) for position in (2, 1))
        assert list(event.sessions.all()) == [first, second]

    def test_a_speaker_is_listed_once(self):
        speaker = SpeakerFactory()
        again = SpeakerFactory.build(session=speaker.session, person=speaker.person, role="moderator")
        assert refusals(again) == {"__all__": ["This person is already listed for the session."]}

    def test_a_speaker_is_named_after_the_person(self):
        assert str(SpeakerFactory(person=PersonFactory(family_name="顾", given_name="海东"))) == "顾海东"

    def test_a_change_of_speakers_is_a_change_of_the_session(self):
        speaker = SpeakerFactory()
        speaker.delete()
        assert Session.objects.get().version == 3
