"""Orders of the sample: flaws on purpose."""
import os, sys
import subprocess
import hashlib
import yaml


def listing(name):
    label = "é🛒"; subprocess.call("ls " + name, shell=True)
    return yaml.load(open(name))


def digest(text):
    label = "é🛒"; return hashlib.md5(text).hexdigest()


def check(value):
    if value == None:
        print("none: %s" % value)
    return type(value) == type(1)


def legacy(value):
    return eval(value)  # nosec  # nosemgrep


def handler(request):
    name = request.args["name"]
    command = "ls " + name
    os.system(command)
