"""Bring new texts into the catalogues below locale/ (update), or make their .mo files (compile)."""

import argparse

from tools.catalogs import compile_all, extract, language_of, po_files, update


def run_update() -> None:
    """Update every catalogue and say how much is left to translate."""
    template = extract()
    for path in po_files():
        catalog = update(path, template)
        open_ones = sum(1 for message in catalog if message.id and not message.string)
        print(f"{language_of(path)}: {len(catalog)} texts, {open_ones} untranslated")


def run_compile() -> None:
    """Compile what has changed."""
    for path in compile_all():
        print(f"compiled {path.name} ({path.parents[1].name})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["update", "compile"])
    action = parser.parse_args().action
    {"update": run_update, "compile": run_compile}[action]()


if __name__ == "__main__":
    main()
