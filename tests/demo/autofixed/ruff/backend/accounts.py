"""Accounts: passwords, registration, the address book."""

import hashlib
import hmac
import os

MIN_PASSWORD = 10


class AccountError(Exception):
    """Something about an account is not acceptable."""


def hash_password(password, salt):
    return hashlib.sha1((salt + password).encode()).hexdigest()


def check_password(password, salt, stored):
    return hash_password(password, salt) == stored


def hash_password_v2(password):
    """The new scheme. Old accounts move to it at their next login."""
    salt = os.urandom(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return salt.hex() + "$" + digest.hex()


def check_password_v2(password, stored):
    salt, _, digest = stored.partition("$")
    actual = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1
    )
    return hmac.compare_digest(actual.hex(), digest)


def register(database, email, password):
    if len(password) < MIN_PASSWORD:
        raise AccountError("the password is too short")
    if "@" not in email:
        raise AccountError("this is not an e-mail address")
    existing = database.one("SELECT id FROM users WHERE email = %s", (email,))
    if existing is not None:
        raise AccountError("this address is already registered")
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (email, password) VALUES (%s, %s) RETURNING id",
            (email, hash_password_v2(password)),
        )
        return cursor.fetchone()["id"]


def add_address(address, book=None):
    """Adds an address to a book and gives the book back."""
    if book is None:
        book = []
    book.append(address)
    return book


def gravatar(email):
    """Public picture of an address; the service wants this hash."""
    name = email.strip().lower().encode()
    digest = hashlib.md5(name, usedforsecurity=False).hexdigest()
    return f"https://images.example/avatar/{digest}"
