"""What happened at Tarnfell before today: asked, decided, used, ended. The parts that no configuration file can say."""

from datetime import datetime

from django.db import transaction

from access import popularity
from access.audit import sealing
from access.models import AccessRequest
from portal.demo import chapters, reviews
from portal.demo.habits import HABITS, note_habit
from portal.demo.timeline import Timeline

REVIEWED_NIGHTS = 45


@transaction.atomic
def play(now: datetime) -> None:
    """Tell the whole story up to `now`, once; a portal in which somebody has asked already is left alone."""
    if AccessRequest.objects.exists():
        return
    told = Timeline(now)
    chapters.note_all(told)
    for habit in HABITS:
        note_habit(told, habit)
    for nights in range(REVIEWED_NIGHTS):
        told.note(told.night(nights), lambda at: _review(told, at), changes=False)
    told.play()
    popularity.recount(now)
    sealing.seal(now)


def _review(told: Timeline, as_of: datetime) -> None:
    if reviews.review(as_of).counts:
        told.held.clear()
