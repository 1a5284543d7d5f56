"""Native access: people with grants use their own tools on a warehouse, under the same grants as at the gate.

What should be in the warehouse follows from grants and policies; what is there is asked of the warehouse. The difference
is made good, in both directions, by whoever comes by. Nothing here opens access: a view of the warehouse judges every
grant by its own clock, so that access ends on time with the portal stopped.
"""

from access.provisioning.findings import open_findings
from access.provisioning.keeping import keep, settle
from access.provisioning.logins import (
    Credentials,
    close_login,
    logins_of,
    offers,
    open_login,
)
from access.provisioning.showing import Tools, tools_of
from access.provisioning.switching import (
    change,
    may_switch,
    native_of,
    switch_off,
    switch_on,
    switchable_by,
)

__all__ = [
    "Credentials",
    "Tools",
    "change",
    "close_login",
    "keep",
    "logins_of",
    "may_switch",
    "native_of",
    "offers",
    "open_findings",
    "open_login",
    "settle",
    "switch_off",
    "switch_on",
    "switchable_by",
    "tools_of",
]
