import pickle
import subprocess


def send(letter):
    subprocess.call("lpr " + letter, shell=True)


def restore(data):
    return pickle.loads(data)


def check(data):
    return eval(data)
