"""Orders of the sample: flaws on purpose."""
import os
import subprocess
import hashlib
import yaml


def listing(name):
    subprocess.call("ls " + name, shell=True)
    return yaml.load(open(name))


def digest(text):
    return hashlib.md5(text).hexdigest()


def check(value):
    if value is None:
        print("none: %s" % value)
    return type(value) == int


def legacy(value):
    return eval(value)  # nosec  # nosemgrep


def handler(request):
    name = request.args["name"]
    command = "ls " + name
    os.system(command)
