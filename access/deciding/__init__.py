"""Deciding about requests: who may, in which stages, what a rule decides, and nobody for themself."""
