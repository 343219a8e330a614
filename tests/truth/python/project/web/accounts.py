"""Who may log in."""

import hashlib

KNOWN = {"office": "5f4dcc3b5aa765d61d8327deb882cf99"}


def is_known(user, password):
    digest = hashlib.md5(password.encode()).hexdigest()
    return KNOWN.get(user) == digest
