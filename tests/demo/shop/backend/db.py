"""A thin layer over the database driver."""

from contextlib import contextmanager

import psycopg2
import psycopg2.extras


class Database:
    """Opens one connection per unit of work."""

    def __init__(self, url):
        self.url = url

    @contextmanager
    def cursor(self):
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor(
                cursor_factory=psycopg2.extras.RealDictCursor
            ) as cursor:
                yield cursor
        finally:
            connection.close()

    def all(self, statement, values=()):
        with self.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def one(self, statement, values=()):
        rows = self.all(statement, values)
        return rows[0] if rows else None

    def count(self, table):
        """Number of rows of a table. Only called with names from this code."""
        row = self.one(f"SELECT count(*) AS n FROM {table}")
        return row["n"]
