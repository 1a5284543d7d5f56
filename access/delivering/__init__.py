"""How a notice reaches people: by mail at once or in the day's digest, to webhooks, and always in the portal.

Whoever has something to tell calls `notices.tell`; which way it goes is worked out here, from rows, and may be worked
out again after a crash. It must never call a private address, tell one thing twice by one way, or lose one.
"""
