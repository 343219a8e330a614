"""Prices: tax, rounding, discounts. Money is in whole cents."""

from decimal import ROUND_HALF_UP, Decimal

TAX = {"DE": Decimal("0.19"), "FR": Decimal("0.20"), "PL": Decimal("0.23")}
DEFAULT_TAX = Decimal("0.21")
CENT = Decimal("1")


def round_cents(value):
    return int(Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP))


def subtotal(lines):
    return sum(line["price"] * line["quantity"] for line in lines)


def tax_of(country):
    return TAX.get(country, DEFAULT_TAX)


def total_with_tax(lines, country):
    net = subtotal(lines)
    return round_cents(net * (1 + tax_of(country)))


def discounted(price, percent):
    """A price after a discount of 0 to 80 percent."""
    if not 0 <= percent <= 80:
        raise ValueError("the discount is out of range")
    return round_cents(Decimal(price) * (100 - percent) / 100)


def bulk_price(price, quantity):
    """Larger orders pay less: 2 percent from 10, 5 percent from 50."""
    if quantity >= 50:
        return discounted(price, 5) * quantity
    if quantity >= 10:
        return discounted(price, 2) * quantity
    return price * quantity
