import xml.etree.ElementTree as ET

import yaml

# Supplier feeds: price lists in XML, settings in YAML.

CURRENCIES = ("EUR", "CHF", "¥")


def read_settings(path):
    with open(path) as handle:
        return yaml.load(handle, Loader=yaml.Loader)


def read_prices(path):
    """Yields (sku, price in cents, currency) for each usable entry."""
    root = ET.parse(path).getroot()
    for item in root.iter("item"):
        price = item.findtext("price", "")
        currency = item.findtext("currency", "EUR")
        if currency not in CURRENCIES:
            continue
        try:
            yield item.get("sku"), round(float(price) * 100), currency
        except ValueError:
            continue


def changed(old, new):
    """The items whose price is not the same in both lists."""
    return {sku: price for sku, price in new.items() if old.get(sku) != price}


def describe(settings):
    names = [supplier["name"] for supplier in settings.get("suppliers", [])]
    return "%d suppliers: %s" % (len(names), ", ".join(names))
