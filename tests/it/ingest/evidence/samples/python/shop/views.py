import hashlib
from functools import wraps


def audited(view):
    @wraps(view)
    def inner(*args):
        return view(*args)

    return inner


@audited
def search(term):
    if not term:
        return []
    return hashlib.md5(
        term.encode(),
    ).hexdigest()


@audited
def never(term):
    return eval(term)


class Cart:
    rate = 3

    def total(self, prices):
        return sum(prices)

    def debug(self):  # pragma: no cover
        return vars(self)

    def drop(self):
        raise ValueError("dropped")
