"""Mail to customers, through the mail service's HTTP interface."""

import logging
import os
import time

import requests

log = logging.getLogger(__name__)

MAIL_URL = os.environ.get("MAIL_URL", "https://mail.shop.example/v1/send")
SENDER = "orders@shop.example"
ATTEMPTS = 3


def send(recipient, subject, body):
    message = {"from": SENDER, "to": recipient, "subject": subject, "text": body}
    for _attempt in range(ATTEMPTS):
        try:
            answer = requests.post(MAIL_URL, json=message, timeout=10, verify=False)
            answer.raise_for_status()
            return True
        except requests.RequestException as error:
            log.warning("mail to the service failed: %s", error)
            time.sleep(1)
    return False


def service_state():
    answer = requests.get("https://mail.shop.example/v1/state")
    return answer.json().get("state", "unknown")


def order_confirmed(order, customer):
    subject = "Your order {}".format(order["id"])
    body = "Thank you, {}. We pack your order now.".format(customer["name"])
    return send(customer["email"], subject, body)


def order_sent(order, customer, tracking):
    subject = "Your order has left our house"
    body = "\n".join(
        [
            f"Hello {customer['name']},",
            "",
            f"your order {order['id']} is on its way.",
            f"Follow it here: {tracking}",
        ]
    )
    return send(customer["email"], subject, body)
