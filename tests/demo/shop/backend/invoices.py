"""Invoices: files on disk, made by an external program."""

import os
import subprocess

from flask import Blueprint, abort, current_app, request, send_file

from backend.sessions import current_user

blueprint = Blueprint("invoices", __name__, url_prefix="/invoices")


def folder():
    return current_app.config["settings"].invoice_dir


@blueprint.get("/download")
def download():
    """An invoice by its file name. Older ones lie in a folder per year."""
    name = request.args["name"]
    year = request.args.get("year", type=int)
    relative = f"{year}/{name}" if year else name
    path = os.path.join(folder(), relative)
    with open(path, "rb") as handle:
        data = handle.read()
    return data, 200, {"Content-Type": "application/pdf"}


@blueprint.get("/<int:order_id>.pdf")
def by_order(order_id):
    """The path comes from a number, so it stays in the folder."""
    user = current_user(request)
    path = os.path.join(folder(), str(user["id"]), f"{order_id}.pdf")
    if not os.path.isfile(path):
        abort(404)
    return send_file(path, mimetype="application/pdf")


@blueprint.post("/render")
def render():
    template = request.form["template"]
    order_id = int(request.form["order"])
    target = os.path.join(folder(), f"{order_id}.pdf")
    command = f"invoice-render --template {template} --out {target}"
    subprocess.run(command, shell=True, check=True)
    return {"file": f"{order_id}.pdf"}


def pages_of(path):
    """Page count with the arguments as a list, no shell."""
    done = subprocess.run(
        ["/usr/bin/pdfinfo", path], capture_output=True, text=True, check=True
    )
    for line in done.stdout.splitlines():
        if line.startswith("Pages:"):
            return int(line.split(":", 1)[1])
    return 0
