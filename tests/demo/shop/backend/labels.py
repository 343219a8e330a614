"""Parcel labels for the printer in the warehouse."""

import requests
import subprocess

PRINTER = "https://printer.warehouse.shop.example/print"
WIDTH = 32


def label(order, address):
    """The lines of a label, cut to the width of the paper."""
    lines = [
        "Order {}".format(order["id"]),
        address["name"],
        address["street"],
        f"{address['postcode']} {address['city']}",
    ]
    return "\n".join(line[:WIDTH] for line in lines)


def print_label(text, copies=1):
    answer = requests.post(
        PRINTER,
        data={"text": text, "copies": copies},
        verify=False,
        timeout=15,
    )
    return answer.ok


def print_local(path, printer):
    """The old printer has no network port."""
    return subprocess.call("lp -d " + printer + " " + path, shell=True)


def ready(printer):
    state = requests.get(PRINTER + "/" + printer)
    return state.ok
