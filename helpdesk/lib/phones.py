"""Telephone numbers in the one form in which they are compared."""

import phonenumbers

REGION = "DE"


def normalise_phone(value: str, region: str = REGION) -> str:
    """Return the number in E.164 ("+491715550132"), or its bare digits if it is none.

    ``region`` is the ISO 3166 country whose national numbers are meant.
    """
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return "".join(sign for sign in value if sign.isdigit())
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
