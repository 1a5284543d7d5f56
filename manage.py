#!/usr/bin/env python
"""Gatehouse's command line: `./manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    """Run one management command with the portal's settings, and with the servers it needs."""
    from portal.embedded.binaries import Unavailable
    from portal.embedded.commands import servers_for
    from portal.environment import Misconfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["up"]:
        # The supervisor needs no Django; without it the portal is up a second earlier.
        from portal.embedded import supervisor

        sys.exit(supervisor.main(sys.argv[2:]))
    # One command needs one connection, and a pool would wait for a server that does not run.
    os.environ.setdefault("PORTAL_DB_POOL", "0")
    try:
        with servers_for(sys.argv[1:]):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except (Misconfigured, Unavailable) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
