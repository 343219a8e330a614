"""Product images: upload, thumbnails, clean-up."""

import hashlib
import os
import shlex
import subprocess

from flask import Blueprint, abort, current_app, jsonify, request

from backend.settings import ALLOWED_IMAGE_TYPES, MAX_IMAGE_BYTES

blueprint = Blueprint("images", __name__, url_prefix="/images")

SIZES = {"small": "160x160", "medium": "480x480", "large": "1200x1200"}


def folder():
    return current_app.config["settings"].image_dir


def content_name(data):
    """Images are stored under the hash of their content."""
    return hashlib.sha256(data).hexdigest()


@blueprint.post("/")
def upload():
    upload = request.files["image"]
    if upload.mimetype not in ALLOWED_IMAGE_TYPES:
        abort(415)
    data = upload.read(MAX_IMAGE_BYTES + 1)
    if len(data) > MAX_IMAGE_BYTES:
        abort(413)
    name = content_name(data)
    path = os.path.join(folder(), name)
    with open(path, "wb") as handle:
        handle.write(data)
    os.chmod(path, 0o640)
    for size in SIZES:
        thumbnail(path, size)
    return jsonify(name=name), 201


def thumbnail(path, size):
    subprocess.run(shlex.split(f"convert {path} -resize {SIZES[size]} {path}-{size}.webp"), check=True)


@blueprint.post("/rename")
def rename():
    old = os.path.join(folder(), os.path.basename(request.form["old"]))
    new = os.path.join(folder(), os.path.basename(request.form["new"]))
    if os.path.exists(new):
        abort(409)
    os.rename(old, new)
    return jsonify(renamed=True)


@blueprint.delete("/<name>")
def remove(name):
    path = os.path.join(folder(), os.path.basename(name))
    if os.path.exists(path) == False:
        abort(404)
    os.remove(path)
    return jsonify(removed=True)


def optimise(path, options="-strip"):
    """Run the optimiser; the options come from the settings file."""
    command = ["/usr/bin/optipng", *shlex.split(options), path]
    return subprocess.run(command, check=False).returncode == 0
