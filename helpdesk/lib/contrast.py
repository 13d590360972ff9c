"""Contrast of colours as WCAG 2.2 measures it, and the nearest shade that passes."""

import colorsys
import re

ENOUGH = 4.5
STEPS = 200
_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def is_colour(text: str) -> bool:
    """Tell whether ``text`` is a colour written as #rrggbb."""
    return bool(_HEX.fullmatch(text))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2) of #rrggbb, 0 for black and 1 for white."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 (same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _shade(hue: float, lightness: float, saturation: float) -> str:
    channels = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def nearest_passing(colour: str, background: str, enough: float = ENOUGH) -> str:
    """Return the colour itself, or its shade nearest in lightness with enough contrast.

    Hue and saturation stay. Black or white is what remains when no shade is far enough.
    """
    if ratio(colour, background) >= enough:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    darken = luminance(background) > 0.5
    for step in range(1, STEPS + 1):
        moved = (
            lightness * (1 - step / STEPS) if darken else lightness + (1 - lightness) * step / STEPS
        )
        shade = _shade(hue, moved, saturation)
        if ratio(shade, background) >= enough:
            return shade
    return "#000000" if darken else "#ffffff"
