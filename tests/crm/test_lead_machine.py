"""Whatever is done to a lead through the API, in any order: its history tells the truth, and no more and no less."""

from itertools import pairwise

import pytest
from auditlog.models import LogEntry
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.tokens import ApiToken
from crm.leads import Stage
from crm.models import LostReason
from tests.core.api.calling import Caller
from tests.factories import LeadFactory, StationFactory, UserFactory

SEQUENCES, STEPS = 300, 10
# Written down here a second time on purpose: the machine must not ask the rules that it checks.
FOLLOWS = {
    "new": {"contacted", "qualified", "disqualified"},
    "contacted": {"new", "qualified", "disqualified"},
    "qualified": {"contacted", "disqualified"},  # converted by opening a project
    "disqualified": {"new", "contacted", "qualified"},
    "converted": set(),
}
ORDER = ["new", "contacted", "qualified", "converted", "disqualified"]
REASONS = st.sampled_from(["", "  ", "agreed by phone"])
TEXTS = st.sampled_from(["", "call", "visit the plant", "見学"])


def short(changes):
    """Without who and when of an archiving, and links by name."""
    told = {name: value for name, value in changes.items() if name not in ("archived_at", "archived_by")}
    return {
        name: [value["operation"], sorted(value["objects"])] if isinstance(value, dict) else value
        for name, value in told.items()
    }


class LeadMachine(RuleBasedStateMachine):
    """One lead, everything that may be done to it, and what its record and its histories must say then."""

    caller = station = owner = lost_reason = None  # shared by all sequences
    colleagues = ()

    def __init__(self):
        super().__init__()
        self.lead = LeadFactory(station=self.station, owner=self.owner)
        self.path = f"leads/{self.lead.pk}/"
        self.stage, self.version, self.archived, self.next_step = "new", 1, False, ""
        self.moves = [("", "new")]
        self.told = []  # what the change history must say, in order
        self.helpers = set()
        self.keys = 0

    # -- what happens, and what the model of it says --

    def send(self, method, path, body, version=None, **headers):
        match = f'"{self.version if version is None else version}"'
        return self.caller.call(method, path, body, match=match, headers=headers)

    def stored(self, answer, *told):
        assert answer.status_code in (200, 201), answer.content
        self.version += 1
        self.told += told

    @staticmethod
    def refused(answer, status=400):
        assert answer.status_code == status, answer.content

    @rule(text=TEXTS)
    def edit(self, text):
        answer = self.send("patch", self.path, {"next_step": text})
        self.stored(answer, *([{"next_step": [self.next_step, text]}] if text != self.next_step else []))
        self.next_step = text

    @rule(some=st.sets(st.integers(0, 2)))
    def share(self, some):
        """Links and a field in one request are one change."""
        chosen = {self.colleagues[number] for number in some}
        answer = self.send("patch", self.path, {"collaborators": [user.pk for user in chosen]})
        went, came = self.helpers - chosen, chosen - self.helpers
        links = [("delete", went)] * bool(went) + [("add", came)] * bool(came)
        self.stored(answer, *({"collaborators": [kind, sorted(map(str, who))]} for kind, who in links))
        self.helpers = chosen

    @rule(to=st.sampled_from([*ORDER, "won"]), reason=REASONS, why=st.booleans())
    def move(self, to, reason, why):
        body = {"to": to, "reason": reason} | ({"lost_reason": self.lost_reason.pk} if why else {})
        before = ORDER.index(self.stage)
        back = to in ORDER and ORDER.index(to) < before
        explained = bool(reason.strip()) or not (back or to == "disqualified")
        allowed = to in FOLLOWS[self.stage] and explained and (why or to != "disqualified") and not self.archived
        answer = self.send("post", f"{self.path}stage/", body)
        if not allowed:
            return self.refused(answer)
        self.moved(answer, to)
        return None

    def moved(self, answer, to):
        self.stored(answer, {"stage": [self.stage, to]})
        self.moves.append((self.stage, to))
        self.stage = to

    @precondition(lambda self: not self.archived)
    @rule()
    def convert(self):
        answer = self.caller.post("projects/convert/", {"lead": self.lead.pk})
        if self.stage == "qualified":
            self.moved(answer, "converted")
        else:
            self.refused(answer)

    @rule(reason=REASONS)
    def archive(self, reason):
        answer = self.send("post", f"{self.path}archive/", {"reason": reason})
        if self.archived or not reason.strip():
            return self.refused(answer)
        self.stored(answer, {"archive_reason": ["", reason]})
        self.archived = True
        return None

    @rule()
    def restore(self):
        answer = self.send("post", f"{self.path}restore/", {})
        if not self.archived:
            return self.refused(answer)
        self.stored(answer, {"archive_reason": ["agreed by phone", ""]})
        self.archived = False
        return None

    # -- what changes nothing --

    @precondition(lambda self: self.version > 1)
    @rule(data=st.data())
    def write_what_was_read_before(self, data):
        old = data.draw(st.integers(1, self.version - 1))
        way, path, body = data.draw(
            st.sampled_from(
                [
                    ("patch", self.path, {"next_step": "mine"}),
                    ("post", f"{self.path}stage/", {"to": "contacted"}),
                    ("post", f"{self.path}archive/", {"reason": "mine"}),
                    ("post", f"{self.path}restore/", {}),
                ]
            )
        )
        self.refused(self.send(way, path, body, version=old), 412)

    @rule(stage=st.sampled_from(ORDER))
    def assign_the_stage(self, stage):
        self.refused(self.send("patch", self.path, {"stage": stage}))

    @precondition(lambda self: FOLLOWS[self.stage] and not self.archived)
    @rule()
    def move_and_hear_it_twice(self):
        """The answer was lost on the way, and the client asks again with its key."""
        self.keys += 1
        to = "qualified" if self.stage != "qualified" else "contacted"
        body, key = {"to": to, "reason": "agreed"}, f"{self.lead.pk}-{self.keys}"
        path, match = f"{self.path}stage/", f'"{self.version}"'
        first, again = (
            self.caller.post(path, body, match=match, headers={"Idempotency-Key": key}) for _time in range(2)
        )
        assert again.content == first.content
        assert again["Idempotent-Replayed"] == "true"
        self.moved(again, to)

    # -- what holds at any time --

    @invariant()
    def the_record_is_as_it_was_left(self):
        record = self.caller.get(self.path).json()
        assert (record["stage"], record["version"], record["next_step"]) == (self.stage, self.version, self.next_step)
        assert (record["archived_at"] is not None) is bool(record["archive_reason"]) is self.archived
        moves = [(row["from_value"], row["to_value"]) for row in record["stage_changes"]]
        assert moves == self.moves
        assert moves[-1][1] == record["stage"]
        assert all(before[1] == after[0] for before, after in pairwise(moves))

    @invariant()
    def the_change_history_tells_each_change_once(self):
        entries = LogEntry.objects.get_for_object(self.lead).filter(action=LogEntry.Action.UPDATE).order_by("pk")
        assert [short(changes) for changes in entries.values_list("changes", flat=True)] == self.told


def check(**shared):
    run_state_machine_as_test(
        type("Machine", (LeadMachine,), shared),
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_lead_tells_the_truth_whatever_is_done_to_it(director):
    assert set(Stage.values) == set(FOLLOWS)
    _token, secret = ApiToken.issue(director, "machine", scope="write")
    check(
        caller=Caller(secret),
        station=StationFactory(),
        owner=director,
        lost_reason=LostReason.objects.first(),
        colleagues=[UserFactory() for _one in range(3)],
    )
