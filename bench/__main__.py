"""Measure Anliegen on both engines: ``python -m bench [--quick] [--json PATH]``."""

import argparse
import json
import sys
from pathlib import Path

from bench.report import Table
from bench.run import Plan, run
from bench.sustained import WAYS

QUICK = Plan(
    engines=("sqlite", "postgres"), sizes=(10_000,), mails=100, pages=20, rounds=1, sustained=20
)
FULL = Plan(
    engines=("sqlite", "postgres"),
    sizes=(10_000, 100_000),
    mails=200,
    pages=50,
    rounds=3,
    sustained=600,
)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer mails and rounds, 10,000")
    parser.add_argument("--engine", action="append", choices=("sqlite", "postgres"))
    parser.add_argument("--tickets", action="append", type=int)
    parser.add_argument("--mails", type=int, help="mails a round")
    parser.add_argument("--served-mails", type=int, help="mails for the served process; 0: none")
    parser.add_argument("--rate", type=int, default=160, help="mails a second of a steady stream")
    parser.add_argument("--sustained", type=int, help="seconds of a steady stream; 0: none")
    parser.add_argument("--way", action="append", choices=WAYS, help="how it runs under a stream")
    parser.add_argument("--search", action="store_true", help="search alone")
    parser.add_argument("--keep", type=Path, help="keep filled databases in this folder")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    return parser.parse_args(arguments)


def plan_of(given: argparse.Namespace) -> Plan:
    """Return what is to be measured."""
    base = QUICK if given.quick else FULL
    served = given.served_mails if given.served_mails is not None else base.served_mails
    return Plan(
        engines=tuple(given.engine or base.engines),
        sizes=tuple(given.tickets or base.sizes),
        mails=given.mails or base.mails,
        pages=base.pages,
        rounds=base.rounds,
        served_mails=served,
        rate=given.rate,
        sustained=base.sustained if given.sustained is None else given.sustained,
        ways=tuple(given.way or base.ways),
        only_search=given.search,
        keep=given.keep.resolve() if given.keep else None,
    )


def main(arguments: list[str]) -> int:
    """Measure, print the table and return 0; a missed goal is a figure, not a failure."""
    given = _options(arguments)
    table = Table()
    raw = run(plan_of(given), table)
    print(table)
    if given.json:
        content = {"figures": table.as_json(), "raw": raw}
        given.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
