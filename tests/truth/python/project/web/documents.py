"""Papers that go with a parcel."""

import os
import subprocess
import urllib.request

FOLDER = "/srv/documents"


def path_of(name):
    return os.path.join(FOLDER, name)


def fetch_logo(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def label(number):
    command = "zint --direct --data=" + number
    return subprocess.run(command, shell=True, capture_output=True).stdout
