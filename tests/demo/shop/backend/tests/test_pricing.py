import pytest

from backend.pricing import bulk_price, discounted, round_cents, total_with_tax


def test_tax_of_a_known_country():
    lines = [{"price": 1000, "quantity": 2}]
    assert total_with_tax(lines, "DE") == 2380


def test_tax_of_an_unknown_country():
    assert total_with_tax([{"price": 100, "quantity": 1}], "XX") == 121


def test_half_a_cent_goes_up():
    assert round_cents("10.5") == 11


def test_discount_out_of_range():
    with pytest.raises(ValueError, match="out of range"):
        discounted(100, 81)


@pytest.mark.parametrize(
    ("quantity", "expected"), [(1, 100), (10, 980), (50, 4750)]
)
def test_bulk(quantity, expected):
    assert bulk_price(100, quantity) == expected
