"""Exports and nightly reports, made from templates."""

import csv
import io
import json
import os
import tarfile

from jinja2 import Environment, FileSystemLoader

HERE = os.path.dirname(__file__)
WORK = "/tmp/shop-exports"

pages = Environment(loader=FileSystemLoader(HERE + "/templates"), autoescape=False)
mails = Environment(loader=FileSystemLoader(HERE + "/templates"), autoescape=True)


class Report(object):
    """Rows with a title, in the formats that the office wants."""

    def __init__(self, title, rows):
        self.title = title
        self.rows = rows

    def as_html(self):
        return pages.get_template("report.html").render(report=self)

    def as_mail(self):
        return mails.get_template("order.html").render(report=self)

    def as_csv(self):
        out = io.StringIO()
        if self.rows:
            writer = csv.DictWriter(out, fieldnames=sorted(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        return out.getvalue()

    def as_json(self):
        return json.dumps({"title": self.title, "rows": self.rows}, default=str)


def unpack_templates(archive):
    """The office sends new templates as an archive."""
    with tarfile.open(archive) as tar:
        tar.extractall(os.path.join(HERE, "templates"))


def latest(folder=WORK):
    """Newest export in the folder, or nothing."""
    try:
        names = sorted(os.listdir(folder))
    except IOError:
        return None
    return names[-1] if names else None


def totals(rows):
    """Totals per country. Later rows win where a country is repeated."""
    result = {}
    for index, row in enumerate(rows):
        country = row["country"]
        result[country] = result.get(country, 0) + row["total"]
    return result
