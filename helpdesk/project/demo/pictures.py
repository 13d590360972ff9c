"""Photos for the town, drawn here: nobody's picture is taken from anywhere."""

import io
import math
import random
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (1200, 900)
Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]
NIGHT: Final[Colour] = (16, 20, 38)
GRASS: Final[Colour] = (96, 132, 72)
ASPHALT: Final[Colour] = (92, 94, 98)


@cache
def picture(name: str) -> bytes:
    """Return the JPEG of this name, the same bytes each time."""
    scene, top, bottom = SCENES[name]
    image = _gradient(top, bottom)
    scene(ImageDraw.Draw(image), random.Random(name))  # noqa: S311 - dice of a drawing, not of a secret
    image = _grain(image.filter(ImageFilter.GaussianBlur(1.6)), name)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=82)
    return content.getvalue()


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    mask = Image.linear_gradient("L").resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, bottom), Image.new("RGB", SIZE, top), mask)


def _grain(image: Image.Image, seed: str) -> Image.Image:
    dice = random.Random(seed)  # noqa: S311 - grain of a drawing
    noise = Image.frombytes("L", (300, 225), dice.randbytes(300 * 225)).resize(SIZE)
    return Image.blend(image, Image.merge("RGB", (noise, noise, noise)), 0.06)


def _blob(dice: random.Random, middle: tuple[int, int], width: int, height: int) -> list[float]:
    """Return the corners of a rough round shape."""
    corners: list[float] = []
    for part in range(24):
        stretch = dice.uniform(0.82, 1.12)
        turn = part / 24 * math.tau
        corners += [
            middle[0] + width * stretch * math.cos(turn),
            middle[1] + height * stretch * math.sin(turn),
        ]
    return corners


def _road(draw: Draw, dice: random.Random) -> None:
    draw.rectangle((0, 320, 1200, 900), fill=ASPHALT)
    draw.polygon([(0, 320), (1200, 250), (1200, 320), (0, 400)], fill=(164, 160, 152))
    for _ in range(900):
        x, y = dice.randint(0, 1200), dice.randint(380, 900)
        shade = dice.randint(76, 112)
        draw.ellipse((x, y, x + 3, y + 2), fill=(shade, shade, shade + 3))


def _pothole(draw: Draw, dice: random.Random) -> None:
    _road(draw, dice)
    draw.polygon(_blob(dice, (600, 650), 330, 130), fill=(66, 64, 62))
    draw.polygon(_blob(dice, (605, 662), 280, 98), fill=(44, 41, 40))
    draw.polygon(_blob(dice, (620, 676), 190, 52), fill=(84, 98, 112))
    for _ in range(60):
        x, y = dice.randint(300, 900), dice.randint(560, 780)
        draw.polygon(_blob(dice, (x, y), 9, 6), fill=(120, 116, 110))


def _lamp(draw: Draw, dice: random.Random) -> None:
    for width, light in ((300, 34), (220, 54), (130, 92)):
        draw.ellipse(
            (700 - width, 210 - width, 700 + width, 210 + width), fill=(light, light - 4, 30)
        )
    draw.rectangle((690, 210, 710, 900), fill=(28, 30, 36))
    draw.rectangle((640, 190, 760, 220), fill=(40, 42, 48))
    draw.ellipse((672, 208, 728, 236), fill=(236, 206, 120))
    draw.polygon([(0, 760), (1200, 700), (1200, 900), (0, 900)], fill=(24, 26, 32))
    for _ in range(26):
        x = dice.randint(0, 560)
        height = dice.randint(60, 240)
        draw.ellipse((x, 760 - height, x + 130, 790), fill=(14, 24, 20))


def _rubbish(draw: Draw, dice: random.Random) -> None:
    draw.rectangle((0, 430, 1200, 900), fill=GRASS)
    for x in range(0, 1200, 70):
        height = dice.randint(200, 330)
        draw.rectangle((x + 24, 430 - height, x + 38, 440), fill=(84, 66, 50))
        draw.ellipse((x - 30, 430 - height - 90, x + 90, 430 - height + 110), fill=(58, 92, 56))
    draw.rectangle((770, 380, 950, 700), fill=(232, 232, 226))
    draw.line((770, 490, 950, 490), fill=(160, 160, 156), width=6)
    draw.rectangle((925, 520, 935, 600), fill=(150, 150, 146))
    for number in range(10):
        x, y = 170 + number % 5 * 130 + dice.randint(-20, 20), 600 + number // 5 * 110
        draw.polygon(_blob(dice, (x, y), 82, 66), fill=(40, 74, 140 + dice.randint(-12, 20)))
        draw.polygon([(x - 14, y - 62), (x + 14, y - 62), (x + 4, y - 90)], fill=(30, 58, 116))


def _tree(draw: Draw, dice: random.Random) -> None:
    draw.rectangle((0, 720, 1200, 900), fill=ASPHALT)
    draw.polygon([(520, 760), (640, 760), (616, 240), (560, 240)], fill=(92, 72, 54))
    draw.line((600, 420, 820, 520), fill=(98, 78, 58), width=34)
    draw.line((812, 512, 870, 690), fill=(104, 84, 62), width=26)
    for _ in range(70):
        x, y = dice.randint(330, 850), dice.randint(40, 380)
        draw.polygon(_blob(dice, (x, y), 70, 52), fill=(70 + dice.randint(0, 40), 104, 44))
    for _ in range(24):
        x, y = dice.randint(780, 960), dice.randint(620, 780)
        draw.polygon(_blob(dice, (x, y), 40, 28), fill=(110, 116 + dice.randint(0, 20), 52))
    draw.rectangle((930, 470, 1130, 484), fill=(60, 66, 76))
    draw.rectangle((940, 484, 950, 740), fill=(60, 66, 76))
    draw.rectangle((1110, 484, 1120, 740), fill=(60, 66, 76))


def _car(draw: Draw, dice: random.Random) -> None:
    _road(draw, dice)
    draw.polygon([(0, 560), (1200, 560), (1200, 900), (0, 900)], fill=(176, 172, 164))
    for x in range(0, 1200, 120):
        draw.line((x, 560, x - 40, 900), fill=(150, 146, 140), width=4)
    draw.rounded_rectangle((240, 520, 960, 720), 60, fill=(128, 38, 40))
    draw.polygon([(360, 530), (450, 400), (760, 400), (860, 530)], fill=(112, 32, 34))
    draw.polygon([(392, 524), (462, 420), (590, 420), (590, 524)], fill=(150, 176, 190))
    draw.polygon([(612, 524), (612, 420), (744, 420), (818, 524)], fill=(150, 176, 190))
    for x in (360, 800):
        draw.ellipse((x - 74, 640, x + 74, 788), fill=(30, 30, 32))
        draw.ellipse((x - 34, 680, x + 34, 748), fill=(150, 150, 154))


Scene = Callable[[Draw, random.Random], None]
SCENES: Final[Mapping[str, tuple[Scene, Colour, Colour]]] = {
    "schlagloch": (_pothole, (186, 200, 214), (220, 222, 222)),
    "laterne": (_lamp, NIGHT, (40, 44, 66)),
    "muell": (_rubbish, (170, 196, 222), (214, 224, 230)),
    "baum": (_tree, (168, 190, 214), (222, 226, 228)),
    "auto": (_car, (190, 206, 222), (226, 226, 224)),
}
