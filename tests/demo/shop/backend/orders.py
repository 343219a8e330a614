"""Orders: list them, look at one, change the state, cancel."""

from flask import Blueprint, abort, current_app, jsonify, request

from backend.pricing import total_with_tax
from backend.sessions import current_user

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

STATES = ("new", "paid", "packed", "sent", "cancelled")
SORTABLE = {"date": "created_at", "total": "total", "state": "state"}


def database():
    return current_app.config["database"]


@blueprint.get("/")
def list_orders():
    user = current_user(request)
    column = SORTABLE.get(request.args.get("sort", "date"), "created_at")
    rows = database().all(
        "SELECT id, state, total, created_at FROM orders WHERE user_id = %s"
        " ORDER BY " + column,
        (user["id"],),
    )
    return jsonify(orders=rows)


@blueprint.get("/<int:order_id>")
def show_order(order_id):
    user = current_user(request)
    order = database().one(
        "SELECT * FROM orders WHERE id = %s AND user_id = %s", (order_id, user["id"])
    )
    if order is None:
        abort(404)
    lines = database().all(
        "SELECT sku, quantity, price FROM order_lines WHERE order_id = %s", (order_id,)
    )
    order["lines"] = lines
    order["total"] = total_with_tax(lines, order["country"])
    return jsonify(order)


@blueprint.get("/by-state")
def orders_by_state():
    state = request.args.get("state", "new")
    with database().cursor() as cursor:
        cursor.execute(f"SELECT id, total FROM orders WHERE state = '{state}'")
        return jsonify(orders=cursor.fetchall())


@blueprint.post("/<int:order_id>/note")
def add_note(order_id):
    note = request.form["note"]
    author = current_user(request)["name"]
    with database().cursor() as cursor:
        cursor.execute(
            "UPDATE orders SET note = '%s (%s)' WHERE id = %d" % (note, author, order_id)
        )
    return jsonify(saved=True)


@blueprint.post("/<int:order_id>/state")
def change_state(order_id):
    state = request.form["state"]
    if state not in STATES:
        abort(400)
    with database().cursor() as cursor:
        cursor.execute("UPDATE orders SET state = %s WHERE id = %s", (state, order_id))
    return jsonify(state=state)
