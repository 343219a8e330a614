"""Pages for the staff: import, discounts, maintenance."""

import ast
import json
import subprocess

import yaml
from flask import Blueprint, abort, current_app, jsonify, request

from backend.sessions import current_user

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.before_request
def staff_only():
    user = current_user(request)
    if not user or not user.get("staff"):
        abort(403)


@blueprint.post("/catalog/import")
def import_catalog():
    """Takes a YAML or JSON file with products."""
    upload = request.files["file"]
    text = upload.read().decode()
    if upload.filename.endswith(".json"):
        products = json.loads(text)
    else:
        products = yaml.safe_load(text)
    with current_app.config["database"].cursor() as cursor:
        for product in products:
            cursor.execute(
                "INSERT INTO products (sku, title, price) VALUES (%s, %s, %s)",
                (product["sku"], product["title"], product["price"]),
            )
    return jsonify(imported=len(products))


@blueprint.post("/discounts/preview")
def preview_discount():
    """Shows what a discount formula such as `price * 0.9` does."""
    formula = request.form["formula"]
    price = float(request.form.get("price", "100"))
    value = eval(formula, {"price": price})
    return jsonify(result=round(value, 2))


@blueprint.post("/discounts/table")
def discount_table():
    """A table of discounts, written as a Python literal."""
    table = ast.literal_eval(request.form["table"])
    if not isinstance(table, dict):
        abort(400)
    return jsonify(rows=sorted(table.items()))


@blueprint.post("/ping")
def ping():
    """Is a supplier's host up? Used by the support desk."""
    host = request.form["host"]
    output = subprocess.check_output("ping -c 1 " + host, shell=True)
    return output, 200, {"Content-Type": "text/plain"}


@blueprint.get("/size")
def size():
    database = current_app.config["database"]
    tables = ("orders", "products", "users")
    return jsonify({table: database.count(table) for table in tables})
