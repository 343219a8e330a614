#!/usr/bin/env python3
"""Applies the fixes of two reports to the sample shop and compares the files with
those that the tools themselves wrote (autofixed/).

    python3 tests/demo/check_autofix.py

semgrep: the region is the match, the inserted text is the whole fixed lines. So the
lines startLine to endLine are replaced, without the last line end. The report has
line feeds only; in a file with CRLF they become CRLF, as the tool itself writes them.
On line 1 a byte order mark is part of the inserted text.
ruff: exact edits, columns are code points, identical edits are made once. A byte
order mark is not a column.

Each report is applied in one pass. Overlapping edits are an error. Changed Python
files must compile, changed JavaScript files must pass `node --check`.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
from urllib.parse import unquote

HERE = pathlib.Path(__file__).resolve().parent
SHOP = HERE / "shop"
ROOT = "file:///src/shop/"
BOM = "\ufeff"


def results(name):
    text = (HERE / "reports" / name).read_text(encoding="utf-8-sig")
    for run in json.loads(text)["runs"]:
        yield from run.get("results", [])


def replacements(name):
    """(path, region, inserted text) of every fix of a report."""
    for result in results(name):
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                uri = unquote(change["artifactLocation"]["uri"])
                path = uri[len(ROOT) :] if uri.startswith(ROOT) else uri
                for replacement in change["replacements"]:
                    text = replacement.get("insertedContent", {}).get("text", "")
                    yield path, replacement["deletedRegion"], text


def line_starts(text):
    starts = [0]
    for offset, character in enumerate(text):
        if character == "\n":
            starts.append(offset + 1)
    return starts


def line_end(text, starts, line):
    """Where the text of a line ends, in front of its line end."""
    end = starts[line] if line < len(starts) else len(text)
    for ending in ("\r\n", "\n"):
        if text[:end].endswith(ending):
            return end - len(ending)
    return end


def whole_lines(text, starts, region, inserted):
    first = region["startLine"]
    start = starts[first - 1]
    end = line_end(text, starts, region.get("endLine", first))
    if text.startswith("\r\n", line_end(text, starts, first)):
        inserted = inserted.replace("\r\n", "\n").replace("\n", "\r\n")
    return start, end, inserted.removeprefix(BOM)


def exact(text, starts, region, inserted):
    first = region["startLine"]
    last = region.get("endLine", first)
    start = starts[first - 1] + region["startColumn"] - 1
    return start, starts[last - 1] + region["endColumn"] - 1, inserted


def apply(text, edits):
    """All edits in one pass; edits must not overlap."""
    out, done = [], 0
    for start, end, inserted in sorted(edits):
        if start < done:
            raise ValueError(f"edits overlap at offset {start}")
        out += [text[done:start], inserted]
        done = end
    return "".join(out) + text[done:]


def fixed_files(report, place):
    per_file = {}
    for path, region, text in replacements(report):
        per_file.setdefault(path, []).append((region, text))
    files = {}
    for path, entries in per_file.items():
        text = (SHOP / path).read_bytes().decode("utf-8")
        mark = BOM if text.startswith(BOM) else ""
        text = text[len(mark) :]
        starts = line_starts(text)
        edits = {place(text, starts, region, inserted) for region, inserted in entries}
        files[path] = (mark + apply(text, edits)).encode("utf-8")
    return files


def still_valid(path, data):
    if path.endswith(".py"):
        compile(data, path, "exec")
    elif path.endswith(".js"):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "file.js"
            copy.write_bytes(data)
            subprocess.run(["node", "--check", str(copy)], check=True)


def main():
    bad = 0
    for tool, report, place in (
        ("semgrep", "semgrep.sarif", whole_lines),
        ("ruff", "ruff.sarif", exact),
    ):
        folder = HERE / "autofixed" / tool
        wanted = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
        ours = fixed_files(report, place)
        for path in sorted(wanted.keys() | ours.keys()):
            if path not in wanted or path not in ours:
                who = "the tool" if path in wanted else "the report"
                problem = f"changed by {who} alone"
            elif wanted[path] != ours[path]:
                problem = "other bytes"
            else:
                try:
                    still_valid(path, ours[path])
                    continue
                except (SyntaxError, ValueError, subprocess.CalledProcessError) as error:
                    problem = f"no longer valid: {error}"
            bad += 1
            print(f"{tool}: {path}: {problem}")
        fixes = sum("fixes" in result for result in results(report))
        print(f"{tool}: {fixes} fixes in {len(wanted)} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
