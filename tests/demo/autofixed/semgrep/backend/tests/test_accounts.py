import hashlib
import random

from backend.accounts import check_password, check_password_v2, hash_password_v2

PASSWORD = "only-for-the-tests"


def test_old_scheme():
    stored = hashlib.sha256((b"salt" + PASSWORD.encode())).hexdigest()
    assert not check_password(PASSWORD, "salt", stored)


def test_new_scheme():
    assert check_password_v2(PASSWORD, hash_password_v2(PASSWORD))


def test_other_password():
    other = "".join(random.choice("abcdef") for _ in range(12))
    assert not check_password_v2(other, hash_password_v2(PASSWORD))
