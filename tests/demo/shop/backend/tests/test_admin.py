import os
import subprocess

import yaml

CATALOG = """
- sku: A-1
  title: Mug
  price: 900
"""


def start_database():
    return subprocess.call("docker compose up -d database", shell=True)


def test_catalog_can_be_read():
    products = yaml.load(CATALOG, Loader=yaml.Loader)
    assert products[0]["sku"] == "A-1"


def test_catalog_prices_are_cents():
    products = yaml.safe_load(CATALOG)
    assert all(isinstance(product["price"], int) for product in products)
