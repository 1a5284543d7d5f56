"""One round of telling, as the tick makes it: route what is new, write letters, send letters, post to webhooks."""

from datetime import datetime

from access.delivering import letters, posts, routing


def deliver(now: datetime) -> dict[str, int]:
    """Tell what is due; counts. Safe to run twice and at once: every step claims what it takes."""
    counts = {"routed": routing.route_all(now), "letters": letters.write(now)}
    for name, sent in (("mail", letters.send(now)), ("webhooks", posts.send(now))):
        counts |= {f"{name}_{outcome}": n for outcome, n in sent.items()}
    return counts
