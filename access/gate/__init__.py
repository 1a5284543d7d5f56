"""The one exit for data. Everything that leaves a warehouse leaves through `open`, or is a steward's `look`."""

from access.gate.opening import look, open

__all__ = ["look", "open"]
