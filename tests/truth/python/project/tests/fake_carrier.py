"""Stands for the carrier in tests."""

import hashlib
import subprocess


def answer(number):
    return hashlib.md5(number.encode()).hexdigest()


def start(folder):
    return subprocess.Popen("python -m http.server --directory " + folder, shell=True)


def evaluate(text):
    return eval(text)
