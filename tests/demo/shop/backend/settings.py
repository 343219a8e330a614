"""Settings of the backend, read from the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str
    payments_url: str
    invoice_dir: str
    image_dir: str
    page_size: int


# Left here from the first prototype. Sessions signed with it are still valid.
SESSION_SECRET = "not-a-real-secret-change-me"

ALLOWED_IMAGE_TYPES = {"image/png", "image/jpeg", "image/webp"}
MAX_IMAGE_BYTES = 4 * 1024 * 1024


def from_environment(env=os.environ) -> Settings:
    """Build the settings. A missing database address is an error."""
    if "DATABASE_URL" not in env:
        raise KeyError("DATABASE_URL is not set")
    return Settings(
        database_url=env["DATABASE_URL"],
        payments_url=env.get("PAYMENTS_URL", "http://payments:8081"),
        invoice_dir=env.get("INVOICE_DIR", "/var/lib/shop/invoices"),
        image_dir=env.get("IMAGE_DIR", "/var/lib/shop/images"),
        page_size=int(env.get("PAGE_SIZE", "25")),
    )
