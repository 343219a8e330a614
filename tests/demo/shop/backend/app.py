"""The application: it puts the blueprints together."""

import logging

from flask import Flask, jsonify

from backend import admin, images, invoices, orders, redirects, search, webhooks
from backend.db import Database
from backend.settings import SESSION_SECRET, from_environment

log = logging.getLogger(__name__)


def create_app(settings=None):
    settings = settings or from_environment()
    app = Flask(__name__)
    app.secret_key = SESSION_SECRET
    app.config["settings"] = settings
    app.config["database"] = Database(settings.database_url)

    for module in (admin, images, invoices, orders, redirects, search, webhooks):
        app.register_blueprint(module.blueprint)

    @app.get("/healthz")
    def health():
        return jsonify(status="ok")

    @app.errorhandler(404)
    def missing(_error):
        return jsonify(error="not found"), 404

    @app.errorhandler(Exception)
    def broken(error):
        log.exception("request failed")
        return jsonify(error=str(error)), 500

    return app


if __name__ == "__main__":
    create_app().run(host="0.0.0.0", port=5000, debug=True)
