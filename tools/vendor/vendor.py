"""Fetch the pinned front-end packages and copy what we serve into helpdesk/ui/static.

Run `python tools/vendor/vendor.py` after changing a version in package.json. Needs npm and, for
smaller fonts, fonttools (`pip install fonttools brotli`), which nothing else in this project does:
its results are committed.
"""

import re
import shutil
import subprocess
import sys
from math import cos, radians, sin
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
STATIC = HERE.parent.parent / "helpdesk" / "ui" / "static"

COPIES = {
    "htmx.org/dist/htmx.min.js": "vendor/htmx/htmx.min.js",
    "htmx.org/LICENSE": "vendor/htmx/LICENSE",
    "htmx-ext-preload/dist/preload.min.js": "vendor/htmx-ext-preload/preload.min.js",
    "htmx-ext-preload/LICENSE": "vendor/htmx-ext-preload/LICENSE",
    "idiomorph/dist/idiomorph-ext.min.js": "vendor/idiomorph/idiomorph-ext.min.js",
    "idiomorph/LICENSE": "vendor/idiomorph/LICENSE",
    "squire-rte/dist/squire.mjs": "vendor/squire/squire.js",
    "squire-rte/LICENSE": "vendor/squire/LICENSE",
    "dompurify/dist/purify.min.js": "vendor/dompurify/purify.min.js",
    "dompurify/LICENSE": "vendor/dompurify/LICENSE",
    "@fontsource/fira-sans/LICENSE": "fonts/OFL.txt",
    "@kern-ux/native/LICENSE.md": "vendor/kern/LICENSE.md",
}
SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=\S+\s*\Z")
KERN_SOURCES = ("_theme.scss", "primitives/_colors.scss")
# What each file holds: letters of German, French and English; of Turkish, Polish and others of
# Europe; of Ukrainian and Russian. Arabic comes from the reader's own fonts: Fira has none.
LETTERS = {
    "latin-ext": "U+0100-017F,U+0218-021B,U+1E9E,U+20BA",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,U+2010-2027,U+202F-205E,"
    "U+20AC,U+2122,U+2190-2193,U+2212,U+2215",
    "cyrillic": "U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116",
}
FONT_WEIGHTS = {"latin-ext": (400, 600, 700), "latin": (400, 600, 700), "cyrillic": (400, 600)}
# Fractions, small figures and ligatures that no page of ours asks for double a file.
FONT_FEATURES = "kern,ccmp,mark,mkmk,locl,tnum"
# The portal has two weights, and a font that is late waits for the next page: nothing moves.
PORTAL_WEIGHTS = (400, 600)
# Fonts that most readers have, made as wide as Fira; measured on our own German texts, upright
# figures of the em (Fira: ascent 935, descent 265 of 1000).
FALLBACKS = (
    (400, ("Arial", "ArialMT", "Liberation Sans", "Arimo"), 101.52),
    (600, ("Arial Bold", "Arial-BoldMT", "Liberation Sans Bold", "Arimo Bold"), 95.07),
    (400, ("Roboto", "Roboto Regular", "Roboto-Regular"), 102.57),
    (600, ("Roboto Bold", "Roboto-Bold"), 100.96),
)
ASCENT, DESCENT = 93.5, 26.5
TOKENS = (
    "layout-text-default",
    "layout-text-muted",
    "layout-background-default",
    "layout-background-hued",
    "layout-background-level-1",
    "layout-background-level-1-surface",
    "layout-border",
    "decorative-border-default",
    "action-default",
    "action-on-default",
    "action-visited",
    "action-focus-default",
    "form-input-border",
    "form-input-background",
    "feedback-danger",
    "feedback-danger-background",
    "feedback-warning",
    "feedback-warning-background",
    "feedback-info",
    "feedback-info-background",
    "feedback-success",
    "feedback-success-background",
)
FONT_NOTICE = (
    "/* Fira Sans, SIL Open Font License 1.1: see fonts/OFL.txt. Written by vendor.py. */\n"
)
NOTICE = """\
/* Design tokens of KERN-UX (@kern-ux/native {version}), (c) the KERN team, licensed under the
   EUPL-1.2 (see LICENSE.md beside this file). Compiled by tools/vendor/vendor.py from the
   unmodified sources in tools/vendor/kern: a subset of the colour tokens, resolved to
   hexadecimal values, bound to [data-theme] instead of [data-kern-theme]. Do not edit. */
"""


def main() -> None:
    """Install, copy and compile; overwrites what an earlier run wrote."""
    npm = shutil.which("npm") or sys.exit("npm is needed to fetch the packages")
    subprocess.run(  # noqa: S603 - fixed arguments, no outside input
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True
    )
    for source, target in COPIES.items():
        copy(MODULES / source, STATIC / target)
    copy_kern_sources()
    write_fonts()
    write_tokens()


def copy(source: Path, target: Path) -> None:
    """Copy one file, making its folder, without the original's file mode.

    A script loses the name of its source map, which is not served.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".mjs"}:
        text = source.read_text(encoding="utf-8")
        target.write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def copy_kern_sources() -> None:
    """Keep the token sources unmodified in their own folder, as the EUPL asks."""
    package = MODULES / "@kern-ux" / "native"
    copy(package / "LICENSE.md", HERE / "kern" / "LICENSE.md")
    for name in KERN_SOURCES:
        copy(package / "src/scss/core/tokens" / name, HERE / "kern" / name)


def write_fonts() -> None:
    """Write the woff2 subsets and the @font-face rules that name them, for desk and portal."""
    cut = shutil.which("pyftsubset") or sys.exit("fonttools is needed to make the fonts smaller")
    for subset, weights in FONT_WEIGHTS.items():
        for weight in weights:
            cut_font(cut, subset, weight)
    desk = [face(subset, w, "swap") for subset, weights in FONT_WEIGHTS.items() for w in weights]
    portal = [
        face(subset, weight, "optional") for subset in FONT_WEIGHTS for weight in PORTAL_WEIGHTS
    ]
    portal += [fallback_face(*each) for each in FALLBACKS]
    for name, rules in (("fonts", desk), ("fonts-portal", portal)):
        (STATIC / "css" / f"{name}.css").write_text(FONT_NOTICE + "".join(rules), encoding="utf-8")


def cut_font(program: str, subset: str, weight: int) -> None:
    """Write one file with the letters and features that pages use."""
    name = f"fira-sans-{subset}-{weight}-normal.woff2"
    source = MODULES / "@fontsource" / "fira-sans" / "files" / name
    options = (
        f"--unicodes={LETTERS[subset]}",
        f"--layout-features={FONT_FEATURES}",
        "--no-hinting",
        "--flavor=woff2",
        f"--output-file={STATIC / 'fonts' / name}",
    )
    subprocess.run([program, source, *options], check=True)  # noqa: S603 - our own arguments


def face(subset: str, weight: int, display: str) -> str:
    """Return the rule of one file."""
    return (
        f'@font-face{{font-family:"Fira Sans";font-style:normal;font-display:{display};'
        f"font-weight:{weight};src:url(../fonts/fira-sans-{subset}-{weight}-normal.woff2)"
        f" format('woff2');unicode-range:{LETTERS[subset]}}}\n"
    )


def fallback_face(weight: int, names: tuple[str, ...], wide: float) -> str:
    """Return the rule of a font that the reader has, as wide and as high as Fira."""
    sources = ",".join(f'local("{name}")' for name in names)
    family = "Fira Roboto" if names[0].startswith("Roboto") else "Fira Arial"
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};src:{sources};'
        f"size-adjust:{wide}%;ascent-override:{100 * ASCENT / wide:.2f}%;"
        f"descent-override:{100 * DESCENT / wide:.2f}%;line-gap-override:0%}}\n"
    )


def write_tokens() -> None:
    """Compile the token subset for light, dark and the system's choice."""
    theme = (HERE / "kern" / "_theme.scss").read_text(encoding="utf-8")
    palette = declarations(
        (HERE / "kern" / "primitives" / "_colors.scss").read_text(encoding="utf-8")
    )
    light = token_block({**palette, **declarations(mixin(theme, "light-colors"))})
    dark = token_block({**palette, **declarations(mixin(theme, "dark-colors"))})
    version = re.search(r'native": "([^"]+)"', (HERE / "package.json").read_text(encoding="utf-8"))
    css = (
        NOTICE.format(version=version[1] if version else "")
        + f":root{{{light}}}\n"
        + f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        + f":root[data-theme=dark]{{{dark}}}\n"
    )
    (STATIC / "vendor" / "kern" / "tokens.css").write_text(css, encoding="utf-8")


def mixin(scss: str, name: str) -> str:
    """Return the body of one mixin; the sources nest no braces inside these."""
    return scss.split(f"@mixin {name} {{", 1)[1].split("\n}", 1)[0]


def declarations(scss: str) -> dict[str, str]:
    """Read custom properties as a mapping of name to raw value."""
    return dict(re.findall(r"(--kern-[\w-]+):\s*([^;]+);", scss))


def token_block(values: dict[str, str]) -> str:
    """Write the chosen tokens with their final colours."""
    names = (f"--kern-color-{token}" for token in TOKENS)
    return ";".join(f"{name}:{as_hex(resolve(values, name))}" for name in names)


def resolve(values: dict[str, str], name: str) -> str:
    """Follow var() references to the literal colour."""
    value = values[name]
    reference = re.fullmatch(r"var\((--[\w-]+)\)", value.strip())
    return resolve(values, reference[1]) if reference else value


def as_hex(oklch: str) -> str:
    """Turn `oklch(L% C H)` into #rrggbb (CSS Color 4, Ottosson's matrices), clipping the gamut.

    Browsers from before 2023 do not know oklch(), and a citizen's phone may be older.
    """
    lightness, chroma, hue = (float(part.rstrip("%")) for part in re.findall(r"[\d.]+%?", oklch))
    lightness, a, b = lightness / 100, chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * gamma(channel)):02x}" for channel in linear)


def gamma(channel: float) -> float:
    """Encode one linear channel as sRGB, clipped to 0..1."""
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


if __name__ == "__main__":
    main()
