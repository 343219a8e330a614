"""Product search."""

import re

from flask import Blueprint, current_app, jsonify, request

blueprint = Blueprint("search", __name__, url_prefix="/search")

WORD = re.compile(r"[\w-]{2,40}")


def words_of(text):
    """The searchable words of a query, at most eight."""
    return WORD.findall(text.lower())[:8]


@blueprint.get("/")
def search():
    query = request.args.get("q", "")
    category = request.args.get("category")
    settings = current_app.config["settings"]
    page = max(1, request.args.get("page", 1, type=int))
    offset = (page - 1) * settings.page_size

    where = f"title ILIKE '%{query}%'"
    if category:
        where = where + f" AND category = '{category}'"

    with current_app.config["database"].cursor() as cursor:
        cursor.execute(
            f"SELECT sku, title, price FROM products WHERE {where}"
            f" ORDER BY rank DESC LIMIT {settings.page_size} OFFSET {offset}"
        )
        rows = cursor.fetchall()
    return jsonify(words=words_of(query), page=page, products=rows)


@blueprint.get("/suggest")
def suggest():
    """Completion for the search box: parameters only."""
    prefix = request.args.get("q", "")
    rows = current_app.config["database"].all(
        "SELECT title FROM products WHERE title ILIKE %s LIMIT 10", (prefix + "%",)
    )
    return jsonify([row["title"] for row in rows])


@blueprint.get("/pattern")
def by_pattern():
    """Staff search with a pattern over the short list of brands."""
    pattern = request.args["pattern"]
    brands = current_app.config["database"].all("SELECT name FROM brands")
    found = [row["name"] for row in brands if re.search(pattern, row["name"])]
    return jsonify(found)
