"""Passwords of logins, made here: a server only ever gets what it needs to check one."""

import base64
import hashlib
import hmac
import secrets

# Without letters and digits that look alike: about 160 bits at this length.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
LENGTH = 28
N_ROUNDS = 4096


def new_password() -> str:
    """A password that nobody has had before, of letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def verifier_of(password: str) -> str:
    """What a server keeps to check a password of `new_password` with; the password cannot be had from it.

    Source: RFC 5803, in the form PostgreSQL stores: SCRAM-SHA-256$rounds:salt$StoredKey:ServerKey.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, N_ROUNDS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = (salt, hashlib.sha256(client).digest(), server)
    in_base64, stored, checking = (base64.b64encode(part).decode() for part in parts)
    return f"SCRAM-SHA-256${N_ROUNDS}:{in_base64}${stored}:{checking}"
