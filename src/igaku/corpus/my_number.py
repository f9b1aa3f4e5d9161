"""Japan's Individual Number (マイナンバー): twelve digits, of which the last follows from the others.

Its formula is in the Ministry of Internal Affairs' ordinance no. 85 of 2014, article 5.
"""

WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def is_my_number(digits: str) -> bool:
    """Whether twelve digits have the right last one; of any twelve, one in ten does by chance.

    >>> is_my_number("123456789018"), is_my_number("123456789012")
    (True, False)
    """
    if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        return False
    return digits[11] == last_digit(digits[:11])


def last_digit(digits: str) -> str:
    """What follows from the first eleven."""
    rest = sum(w * int(d) for w, d in zip(WEIGHTS, digits)) % 11
    return str(0 if rest <= 1 else 11 - rest)
