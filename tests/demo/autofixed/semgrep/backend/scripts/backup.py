#!/usr/bin/env python3
"""Writes the nightly backup of the database and the images."""

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
import time

TARGET = os.environ.get("BACKUP_DIR", "/var/backups/shop")
KEEP = 14


def checksum(path):
    """Checksum that the restore script compares."""
    with open(path, "rb") as handle:
        return hashlib.sha256(handle.read()).hexdigest()


def dump_database(url, name):
    path = os.path.join(TARGET, name + ".sql")
    subprocess.run(shlex.split(("pg_dump --dbname " + url + " --file " + path)), check=True)
    return path


def pack_images(folder, name):
    path = os.path.join(TARGET, name + ".tar.gz")
    subprocess.run(["/bin/tar", "-czf", path, "-C", folder, "."], check=True)
    return path


def prune():
    names = sorted(os.listdir(TARGET), reverse=True)
    for name in names[KEEP * 2 :]:
        os.remove(os.path.join(TARGET, name))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", default="/var/lib/shop/images")
    parser.add_argument("--options", default="")
    args = parser.parse_args()
    options = shlex.split(args.options)
    name = time.strftime("%Y-%m-%d")
    files = [
        dump_database(os.environ["DATABASE_URL"], name),
        pack_images(args.images, name),
    ]
    for path in files:
        print("{}  {}".format(checksum(path), path))
    if "--keep-all" not in options:
        prune()
    return 0


if __name__ == "__main__":
    sys.exit(main())
