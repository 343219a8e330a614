"""Short links and the way back after login."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, request

blueprint = Blueprint("redirects", __name__, url_prefix="/go")


def is_local(target):
    parts = urlsplit(target)
    return not parts.netloc and not parts.scheme and target.startswith("/")


@blueprint.get("/after-login")
def after_login():
    target = request.args.get("next", "/")
    return redirect(target)


@blueprint.get("/language")
def change_language():
    target = request.args.get("next", "/")
    language = request.args.get("lang", "en")
    if not is_local(target):
        abort(400)
    # nosemgrep: shop.python.open-redirect
    answer = redirect(target)
    answer.set_cookie("lang", language[:2], secure=True, httponly=True)
    return answer


@blueprint.get("/<code>")
def short_link(code):
    row = current_app.config["database"].one(
        "SELECT target FROM short_links WHERE code = %s", (code,)
    )
    if row is None:
        abort(404)
    return redirect(row["target"])
