"""Sends the sales report to the office. Runs once per night, never as a server."""

import datetime
import sys

from backend.db import Database
from backend.exports import Report, totals
from backend.mailer import send
from backend.settings import from_environment

OFFICE = "office@shop.example"


def sales(database, day):
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT country, total FROM orders WHERE created_at::date = '{day}'"
        )
        return cursor.fetchall()


def main():
    settings = from_environment()
    day = datetime.date.today() - datetime.timedelta(days=1)
    rows = sales(Database(settings.database_url), day)
    report = Report(f"Sales of {day}", rows)
    body = report.as_csv() + "\n" + str(totals(rows))
    sent = send(OFFICE, report.title, body)
    return 0 if sent else 1


if __name__ == "__main__":
    sys.exit(main())
