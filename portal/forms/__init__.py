"""What people type, checked before any function sees it."""
