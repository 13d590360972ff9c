"""Web Push by the example of RFC 8291, and by what is no key."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from helpdesk.lib.webpush import BadKeyError, Browser, check_browser, decode, seal
from tests.fakes.push import FakeBrowser, new_browser

# RFC 8291, appendix A.
KNOWN = Browser(
    "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)


def of_the_rfc() -> FakeBrowser:
    number = int.from_bytes(decode(PRIVATE), "big")
    return FakeBrowser(KNOWN, ec.derive_private_key(number, ec.SECP256R1()))


def test_the_browser_of_the_tests_reads_what_the_rfc_has_sealed_and_what_we_seal() -> None:
    browser = of_the_rfc()

    known = browser.unsealed(decode(MESSAGE))
    ours = browser.unsealed(seal(known, KNOWN))

    assert known == b"When I grow up, I want to be a watermelon"
    assert ours == known


def test_no_two_messages_share_a_key() -> None:
    browser = new_browser("https://push.example/1").known

    first, second = (seal(b"{}", browser) for _ in range(2))

    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


@pytest.mark.parametrize("key", ["", "AAAA", "B" * 87, "ä", KNOWN.auth])
def test_what_is_no_point_of_the_curve_is_no_key(key: str) -> None:
    with pytest.raises(BadKeyError):
        check_browser(Browser(KNOWN.endpoint, key, KNOWN.auth))
