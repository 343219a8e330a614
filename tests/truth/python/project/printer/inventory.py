"""Paper and toner, as the printers report them."""

import pickle
import subprocess


def restore(line):
    return pickle.loads(bytes.fromhex(line))


def space(folder):
    return subprocess.check_output("df --output=avail " + folder, shell=True)
