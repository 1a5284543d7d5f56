"""Pages: each view parses, calls one function and renders."""
