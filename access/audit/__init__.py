"""The record of who did what, sealed in a hash chain, and what it answers to an auditor."""
