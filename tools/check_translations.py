"""Refuse a catalogue that is incomplete, fuzzy, out of date or has broken placeholders."""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from helpdesk.lib.languages import FURTHER
from tools.catalogs import ROOT, extract, language_of, part_for, po_files, read

# English stands in the code.
REQUIRED = ("de", *FURTHER)
Key = tuple[str | None, str]


def key_of(message: Message) -> Key:
    """Return what makes a text one and the same: context and (singular) text."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, text


def keys(catalog: Catalog) -> set[Key]:
    """Return the keys of all texts but the header."""
    return {key_of(message) for message in catalog if message.id}


def is_translated(message: Message) -> bool:
    """Whether every form has a text."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(forms) and all(forms)


def problems(catalog: Catalog, template: Catalog) -> Iterator[str]:
    """Yield one line a fault of ``catalog``, measured by the texts of the product."""
    for context, text in sorted(keys(template) - keys(catalog), key=str):
        yield f"missing, run make messages: {text!r}" + (f" ({context})" if context else "")
    for _context, text in sorted(keys(catalog) - keys(template), key=str):
        yield f"used nowhere, run make messages: {text!r}"
    for message in catalog:
        if not message.id:
            continue
        if message.fuzzy:
            yield f"fuzzy: {key_of(message)[1]!r}"
        elif not is_translated(message):
            yield f"not translated: {key_of(message)[1]!r}"
        for error in message.check(catalog):
            yield f"{error}: {key_of(message)[1]!r}"


def check(root: Path = ROOT) -> list[str]:
    """Return all faults of all catalogues."""
    template = extract(root)
    files = {language_of(path): path for path in po_files(root)}
    found = [f"{language}: no catalogue" for language in REQUIRED if language not in files]
    for language, path in files.items():
        needed = part_for(language, template)
        found += [f"{language}: {fault}" for fault in problems(read(path), needed)]
    return found


def main() -> None:
    found = check()
    print("\n".join(found) if found else "translations complete")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
