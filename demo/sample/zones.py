"""Zones, and in them smaller areas."""

from crm.models import Organization
from demo.sample.words import rows
from demo.sample.world import Rows, Tables, World, skewed
from projects.models import Zone

WHOLE = 10  # every tenth zone is a whole one, the others are parts of it


def zones(world: World) -> Tables:
    rng, ids, organizations = world.rng("zones"), world.of(Zone), world.of(Organization)
    names = []
    for n in range(len(ids)):
        near, kind = rows("projects", "prefixes")[n % 10], rows("projects", "zones")[n // 10 % 6]
        names.append((f"{near[0]}{kind[0]}", f"{near[1]} {kind[1]}", f"{near[0]}{kind[0]}", f"{near[2]}{kind[2]}"))
    own, english, chinese, japanese = zip(*names, strict=True)
    moment, director = world.clock.moment(0), world.managers["Director"][0]
    yield Rows(
        Zone,
        {
            "id": ids,
            "name": own,
            "name_en": english,
            "name_zh": chinese,
            "name_ja": japanese,
            "parent_id": [None if n % WHOLE == 0 else ids[n - n % WHOLE] for n in range(len(ids))],
            "area_km2": [str(rng.randint(1, 400) / 4) for _id in ids],
            "operator_id": [organizations[skewed(rng, organizations)] for _id in ids],
            "city": "苏州市",
            "launched_on": [world.clock.day(rng.random() * world.clock.length) for _id in ids],
            "created_at": moment,
            "updated_at": moment,
            "created_by_id": director,
            "updated_by_id": director,
        },
    )
