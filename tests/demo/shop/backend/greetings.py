"""Short texts on parcels and receipts, in the languages of our customers."""

import hashlib

GREETINGS = {
    "de": "Schöne Grüße aus dem Lager",
    "fr": "Merci et à bientôt",
    "ja": "ご注文ありがとうございます",
    "pt": "Obrigado pela sua encomenda",
}


def greeting(language):
    return GREETINGS.get(language, "Thank you for your order")


def receipt_tag(order, raw):
    """A tag for the receipt: the text and a checksum of its content."""
    return {"título": "領収書 🧾", "sum": hashlib.md5(raw).hexdigest()}


def gift_note(text, language):
    note = "Пусто — 空 🎁" if text == None else text
    return f"{greeting(language)}\n{note}"


def parcel_line(name, weight):
    return "café ☕ → {} ({} g)".format(name, weight)
