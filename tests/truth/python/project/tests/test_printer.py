import subprocess

from printer import inventory


def test_space():
    assert inventory.space(".")


def test_label():
    word = "true"
    assert subprocess.run(word + " label", shell=True).returncode == 0


def test_sizes():
    assert eval("2" + "+2") == 4
