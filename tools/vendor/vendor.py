"""Fetch the pinned front-end packages and copy what we serve into helpdesk/ui/static.

Run `python tools/vendor/vendor.py` after changing a version in package.json. Needs npm, which
nothing else in this project does: its results are committed.
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
FONT_SUBSETS = (
    *((subset, weight) for subset in ("latin-ext", "latin") for weight in (400, 600, 700)),
    *(("cyrillic", weight) for weight in (400, 600)),
)
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
    """Copy the woff2 subsets and write the @font-face rules that name them."""
    package = MODULES / "@fontsource" / "fira-sans"
    rules = [
        "/* Fira Sans, SIL Open Font License 1.1: see fonts/OFL.txt. Written by vendor.py. */\n"
    ]
    for subset, weight in FONT_SUBSETS:
        name = f"fira-sans-{subset}-{weight}-normal.woff2"
        copy(package / "files" / name, STATIC / "fonts" / name)
        ranges = unicode_range(package / f"{subset}-{weight}.css", package / f"{weight}.css", name)
        rules.append(
            '@font-face{font-family:"Fira Sans";font-style:normal;font-display:swap;'
            f"font-weight:{weight};src:url(../fonts/{name}) format('woff2');"
            f"unicode-range:{ranges}}}\n"
        )
    (STATIC / "css" / "fonts.css").write_text("".join(rules), encoding="utf-8")


def unicode_range(single: Path, all_subsets: Path, name: str) -> str:
    """Return the range of one subset; the single file lacks it, the joint one has it."""
    text = all_subsets.read_text(encoding="utf-8") + single.read_text(encoding="utf-8")
    found = re.search(re.escape(name) + r".*?unicode-range:\s*([^;]+);", text, re.DOTALL)
    if found is None:
        message = f"no unicode-range for {name}"
        raise LookupError(message)
    return found[1]


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
