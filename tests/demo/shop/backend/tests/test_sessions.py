from types import SimpleNamespace

from backend import sessions


def request_with(**cookies):
    return SimpleNamespace(cookies=cookies)


def test_guest_without_cookie():
    assert sessions.current_user(request_with()) == sessions.GUEST


def test_round_trip():
    user = {"id": 7, "name": "test", "staff": False}
    cookie = sessions.dump_session(user)
    assert sessions.current_user(request_with(session=cookie)) == user


def test_tokens_differ():
    tokens = {sessions.new_token() for _ in range(100)}
    assert len(tokens) == 100
