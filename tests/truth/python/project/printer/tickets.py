"""Tickets that the site signs."""

import jwt
from jwt.algorithms import get_default_algorithms

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"


def is_valid(ticket):
    return bool(jwt.decode(ticket, KEY, algorithms=list(get_default_algorithms())))
