"""Events with sessions, partners and guests; delegations with their visits."""

import datetime
from random import Random
from typing import Any, NamedTuple

from crm.models import Lead, Organization, Person
from demo.sample.people import post
from demo.sample.words import one_of, rows, words
from demo.sample.world import Meeting, Rows, Tables, World, links, skewed
from events.models import Event, EventKind, EventPartner, Guest, Session, SessionSpeaker, Visit

DELEGATION = 4  # every fourth event
FUTURE = 60  # days after today in which the latest of the events are still to come
OPENING = datetime.datetime(2000, 1, 1, 9, 30)  # noqa: DTZ001  a wall clock
VISITS_A_DAY = 2
FROM_LEAD = 0.05


class Stop(NamedTuple):
    delegation_id: int
    organization: int  # index
    lead_id: int | None
    position: int
    held_on: datetime.date
    starts_at: str
    point: float
    by: int


def meetings(world: World) -> Tables:
    rng = world.rng("events")
    kinds = [(kind.pk, kind.is_delegation) for kind in EventKind.objects.all() if not kind.is_retired()]
    found = [_meeting(world, rng, n, kinds) for n in range(len(world.of(Event)))]
    yield _events(world, rng, found)
    yield _partners(world, rng, found)
    yield from _sessions(world, rng, [meeting for meeting in found if not meeting.delegation])
    yield from _visits(world, rng, [meeting for meeting in found if meeting.delegation])
    yield from _guests(world, found)


def _meeting(world: World, rng: Random, n: int, kinds: list[tuple[int, bool]]) -> Meeting:
    delegation = n % DELEGATION == DELEGATION - 1
    point = world.point(rng, n, Event)
    first = world.clock.days[int(point)] + datetime.timedelta(days=rng.randrange(FUTURE))
    names = one_of(rng, "events", "delegations" if delegation else "names")
    year = f" {first.year}"
    return Meeting(
        pk=world.of(Event)[n],
        delegation=delegation,
        kind=rng.choice([pk for pk, is_delegation in kinds if is_delegation == delegation]),
        names=tuple(name + year for name in names),
        place=one_of(rng, "stations", "offices"),
        owner=rng.choice(world.managers["Event manager"]),
        starts_on=first,
        ends_on=first + datetime.timedelta(days=rng.randint(2, 6) if delegation else rng.randint(0, 1)),
        point=point,
        status=_status(rng, held=first < world.until - datetime.timedelta(days=7)),
    )


def _status(rng: Random, *, held: bool) -> str:
    if held:
        return "held" if rng.random() < 0.95 else "cancelled"
    return rng.choice(("planned", "confirmed"))


def _stamps(world: World, points: list[float], users: Any) -> dict[str, Any]:
    moments = [world.clock.moment(point) for point in points]
    return {"created_at": moments, "updated_at": moments, "created_by_id": users, "updated_by_id": users}


def _events(world: World, rng: Random, found: list[Meeting]) -> Rows:
    own, english, chinese, japanese = zip(*(meeting.names for meeting in found), strict=True)
    venues = [rng.choice(words("events", "venues")) for _meeting in found]
    announced = [rng.randint(1, 50) * 10_000_000 if rng.random() < 0.3 else None for _meeting in found]
    owners = [meeting.owner for meeting in found]
    return Rows(
        Event,
        {
            "id": [meeting.pk for meeting in found],
            "name": own,
            "name_en": english,
            "name_zh": chinese,
            "name_ja": japanese,
            "kind_id": [meeting.kind for meeting in found],
            "status": [meeting.status for meeting in found],
            "starts_on": [meeting.starts_on.isoformat() for meeting in found],
            "ends_on": [meeting.ends_on.isoformat() for meeting in found],
            "time_zone": [meeting.place[5] for meeting in found],
            "country": [meeting.place[4] for meeting in found],
            "city": [meeting.place[6] for meeting in found],
            "venue": venues,
            "station_id": [rng.choice(world.stations).pk for _meeting in found],
            "owner_id": owners,
            "announced_guests": [rng.randrange(20, 400) if rng.random() < 0.5 else None for _meeting in found],
            "announced_amount": announced,
            "announced_currency": ["CNY" if amount else "" for amount in announced],
            **_stamps(world, [meeting.point for meeting in found], owners),
        },
    )


def _partners(world: World, rng: Random, found: list[Meeting]) -> Rows:
    organizations = world.of(Organization)
    pairs = [
        (meeting.pk, organizations[n], rng.choice(EventPartner.Role.values))
        for meeting in found
        for n in rng.sample(range(len(organizations)), 2)
    ]
    events, partners, roles = zip(*pairs, strict=True)
    return Rows(
        EventPartner,
        {
            "id": world.ids.take(EventPartner, len(pairs)),
            "event_id": events,
            "organization_id": partners,
            "role": roles,
        },
    )


def _sessions(world: World, rng: Random, found: list[Meeting]) -> Tables:
    programme = rows("events", "sessions")
    ids = world.ids.take(Session, len(found) * len(programme))
    items = [(meeting, n, item) for meeting in found for n, item in enumerate(programme)]
    hours = [(OPENING + datetime.timedelta(minutes=45 * n)).time() for n in range(len(programme) + 1)]
    kinds, chinese, english, japanese = zip(*(item for _meeting, _n, item in items), strict=True)
    world.signings = [
        (pk, meeting)
        for pk, (meeting, _n, item) in zip(ids, items, strict=True)
        if item[0] == "signing" and meeting.status == "held"
    ]
    yield Rows(
        Session,
        {
            "id": ids,
            "event_id": [meeting.pk for meeting, _n, _item in items],
            "kind": kinds,
            "position": [n + 1 for _meeting, n, _item in items],
            "held_on": [meeting.starts_on.isoformat() for meeting, _n, _item in items],
            "starts_at": [hours[n].isoformat() for _meeting, n, _item in items],
            "ends_at": [hours[n + 1].isoformat() for _meeting, n, _item in items],
            "title": chinese,
            "title_en": english,
            "title_zh": chinese,
            "title_ja": japanese,
            **_stamps(world, [meeting.point for meeting, _n, _item in items], [m.owner for m, _n, _item in items]),
        },
    )
    yield _speakers(world, rng, ids)


def _speakers(world: World, rng: Random, sessions: range) -> Rows:
    people, organizations = world.of(Person), world.of(Organization)
    chosen = [(pk, n) for pk in sessions for n in rng.sample(range(len(people)), rng.randint(0, 2))]
    return Rows(
        SessionSpeaker,
        {
            "id": world.ids.take(SessionSpeaker, len(chosen)),
            "session_id": [pk for pk, _n in chosen],
            "person_id": [people[n] for _pk, n in chosen],
            "organization_id": [organizations[world.employer(n)] for _pk, n in chosen],
            "position_held": [post(world, n)[0] for _pk, n in chosen],
            "role": [rng.choice(SessionSpeaker.Role.values) for _chosen in chosen],
        },
    )


def _visits(world: World, rng: Random, found: list[Meeting]) -> Tables:
    organizations, people = world.of(Organization), world.of(Person)
    stops = [stop for meeting in found for stop in _stops(world, rng, meeting)]
    ids = world.ids.take(Visit, len(stops))
    heard = [rng.choice(rows("events", "heard"))[0] if rng.random() < 0.8 else "" for _stop in stops]
    yield Rows(
        Visit,
        {
            "id": ids,
            "delegation_id": [stop.delegation_id for stop in stops],
            "organization_id": [organizations[stop.organization] for stop in stops],
            "position": [stop.position for stop in stops],
            "held_on": [stop.held_on.isoformat() for stop in stops],
            "starts_at": [stop.starts_at for stop in stops],
            "heard": heard,
            "lead_id": [stop.lead_id for stop in stops],
            **_stamps(world, [stop.point for stop in stops], [stop.by for stop in stops]),
        },
    )
    hosts = (world.colleagues(stop.organization) for stop in stops)
    yield links(world, Visit, "hosts", zip(ids, ([people[n] for n in found] for found in hosts), strict=True))
    delegates = ([people[n] for n in rng.sample(range(len(people)), 2)] for _stop in stops)
    yield links(world, Visit, "delegates", zip(ids, delegates, strict=True))


def _stops(world: World, rng: Random, meeting: Meeting) -> list[Stop]:
    days = (meeting.ends_on - meeting.starts_on).days + 1
    return [_stop(world, rng, meeting, n) for n in range(days * VISITS_A_DAY)]


def _stop(world: World, rng: Random, meeting: Meeting, n: int) -> Stop:
    lead = _came_of(world, rng, meeting.point)
    return Stop(
        delegation_id=meeting.pk,
        organization=skewed(rng, world.homes) if lead is None else world.lead_organization[lead],
        lead_id=None if lead is None else world.of(Lead)[lead],
        position=n + 1,
        held_on=meeting.starts_on + datetime.timedelta(days=n // VISITS_A_DAY),
        starts_at=("10:00:00", "14:30:00")[n % VISITS_A_DAY],
        point=meeting.point,
        by=meeting.owner,
    )


def _guests(world: World, found: list[Meeting]) -> Tables:
    """As many at each event; a few are contacts of leads that came of it."""
    everybody = world.of(Guest)
    share = len(everybody) // len(found)
    for n, meeting in enumerate(found):
        last = n == len(found) - 1
        ids = everybody[n * share : None if last else (n + 1) * share]
        yield _guest_rows(world, world.rng("guests", n), meeting, ids)


def _guest_rows(world: World, rng: Random, meeting: Meeting, ids: range) -> Rows:
    people, organizations = world.of(Person), world.of(Organization)
    persons = rng.sample(range(len(people)), len(ids))
    leads = [_came_of(world, rng, meeting.point) for _id in ids]
    for place, lead in enumerate(leads):
        person = world.colleagues(world.lead_organization[lead])[0] if lead is not None else -1
        if person < 0 or person in persons:
            leads[place] = None
        else:
            persons[place] = person
    invitations = [_invitation(rng, meeting) for _id in ids]
    invited, attended = zip(*invitations, strict=True)
    positions = [post(world, n)[0] for n in persons]
    return Rows(
        Guest,
        {
            "id": ids,
            "event_id": meeting.pk,
            "person_id": [people[n] for n in persons],
            "organization_id": [organizations[world.employer(n)] for n in persons],
            "position_held": positions,
            "role": rng.choices(Guest.Role.values, (1, 2, 2, 20, 3, 1, 1), k=len(ids)),
            "rank": [rng.randint(1, 20) if rng.random() < 0.1 else None for _id in ids],
            "invitation": invited,
            "attendance": attended,
            "lead_id": [None if lead is None else world.of(Lead)[lead] for lead in leads],
            **_stamps(world, [meeting.point] * len(ids), meeting.owner),
        },
    )


def _came_of(world: World, rng: Random, point: float) -> int | None:
    """Of some meetings a lead has come: the index of one that was received soon afterwards."""
    if rng.random() >= FROM_LEAD:
        return None
    soonest = int(point / world.clock.length * world.leads) + 1
    lead = soonest + rng.randrange(1 + world.leads // 500)
    return lead if lead < world.leads else None


def _invitation(rng: Random, meeting: Meeting) -> tuple[str, str]:
    if meeting.status == "held":
        return rng.choices((("accepted", "attended"), ("accepted", "absent"), ("declined", "expected")), (7, 1, 2))[0]
    return rng.choice((("to_invite", "expected"), ("invited", "expected"), ("accepted", "expected")))
