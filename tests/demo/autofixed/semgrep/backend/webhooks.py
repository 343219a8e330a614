"""Messages from the parcel service and the card processor."""

import hashlib
import hmac
import os

import requests
from flask import Blueprint, abort, current_app, jsonify, request

blueprint = Blueprint("webhooks", __name__, url_prefix="/hooks")

KEY = os.environ.get("WEBHOOK_KEY", "").encode()


def signature(body):
    return hmac.new(KEY, body, hashlib.sha256).hexdigest()


@blueprint.post("/parcel")
def parcel():
    given = request.headers.get("X-Signature", "")
    if not hmac.compare_digest(given, signature(request.get_data())):
        abort(401)
    event = request.get_json()
    with current_app.config["database"].cursor() as cursor:
        cursor.execute(
            "UPDATE orders SET tracking = %s WHERE id = %s",
            (event["tracking"], event["order"]),
        )
    return jsonify(ok=True)


@blueprint.post("/payment")
def payment():
    given = request.headers.get("X-Signature", "")
    if not hmac.compare_digest(given, signature(request.get_data())):
        abort(401)
    event = request.get_json()
    receipt = requests.get(event["receipt_url"], timeout=5)
    return jsonify(ok=True, size=len(receipt.content))
