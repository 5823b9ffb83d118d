"""The models of `events`, each in the file of its subject."""

from events.events import Event, EventKind, EventPartner
from events.guests import Guest
from events.sessions import Session, SessionSpeaker
from events.visits import Visit

__all__ = ["Event", "EventKind", "EventPartner", "Guest", "Session", "SessionSpeaker", "Visit"]
