import pickle
import subprocess

import py

from web import tracking
from web.app import app

PASSWORD = "hunter2hunter2"


def test_track(tmp_path, monkeypatch):
    monkeypatch.setenv("PARCELS_DB", str(tmp_path / "p.db"))
    answer = app.test_client().get("/track?number=1")
    assert answer.status_code == 200
    assert answer.json == {"events": []}


def test_purge(tmp_path, monkeypatch):
    monkeypatch.setenv("PARCELS_DB", str(tmp_path / "p.db"))
    tracking.purge("nobody")
    assert tracking.find("nobody") == []


def test_round_trip():
    assert pickle.loads(pickle.dumps({"a": 1})) == {"a": 1}


def test_shell_is_there():
    assert subprocess.run("true " + PASSWORD, shell=True).returncode == 0


def test_folder():
    assert py.path.local(".").check(dir=True)
