"""Files on their way to a printer."""

import subprocess
import tempfile


def send(printer, label):
    path = tempfile.mktemp(suffix=".pdf")
    with open(path, "wb") as file:
        file.write(label)
    subprocess.run("lp -d " + printer + " " + path, shell=True)
