"""What happened at Tarnfell before today, story by story.

Every state that a grant or a request can be in is here once at least, each with a reason somebody could have had.
"""

from portal.demo.chapters import business, certifying, commerce, staff
from portal.demo.timeline import Timeline


def note_all(told: Timeline) -> None:
    """Note every act of every story."""
    for story in (*commerce.STORIES, *business.STORIES, *staff.STORIES, *certifying.STORIES):
        story(told)
