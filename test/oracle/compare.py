#!/usr/bin/env python3
"""Compares what the database shows with what scorecard.py calculated.

    psql -c "COPY (SELECT * FROM perf.employee_scorecard) TO STDOUT (FORMAT csv, HEADER)" > cards.csv
    python3 test/oracle/compare.py ORACLE_DIR goals.csv cards.csv departments.csv
    { psql -c "COPY ..."; psql -c "COPY ..."; psql -c "COPY ..."; } | python3 test/oracle/compare.py ORACLE_DIR
    python3 test/oracle/compare.py ORACLE_DIR --only employee_scorecard cards.csv

ORACLE_DIR is the --out of scorecard.py.  Exports are CSV with a header; files, or
standard input where none is named ('-' as well).  A view is known by its columns,
whatever their order and number, and several exports may follow one another.

Each row is found by its key and compared column by column: numbers as exact numbers
(83.5 is 83.50, and 83.55 is not 83.54), everything else as text, NULL as empty.
`light_rank`, where exported, must fit the light.  silent_days is compared where the
calculation tells it.  Columns that only the one side has are not compared, but those
that the interface names must be there.

A row missing or doubled in the database is a difference, and so is a row beyond the
calculation, unless it is a person or department that shows no goals and no score.

Exit status: 0 all rows compared and equal, 1 a difference or a row not compared,
2 input that cannot be read.
"""
import argparse
import csv
import os
import sys

sys.dont_write_bytecode = True
from calculation import LIGHTS     # noqa: E402
from exact import number           # noqa: E402

VIEWS = {                          # key, what must be there, what a header is known by
    "goal_status": (("goal_no",), ("cycle", "progress", "expected", "light", "score", "due_on", "red_below", "yellow_below", "silent_days"),
                    {"goal_no", "expected", "red_below"}),
    "employee_scorecard": (("employee_no", "cycle"), ("score", "coverage", "light", "goals", "red", "yellow", "green"),
                           {"employee_no", "coverage"}),
    "department_overview": (("department_code", "cycle"), ("headcount", "score", "progress", "light", "goals", "red", "yellow", "green"),
                            {"department_code", "headcount"}),
}
TEXT = {"cycle", "light", "due_on"}
WHERE_KNOWN = {"silent_days"}


class Unreadable(Exception):
    pass


def view_of(row):
    """The view whose header this row is, or None."""
    return next((view for view, (_, _, marks) in VIEWS.items() if marks <= set(row)), None)


def tables(file, name):
    """(view, header, rows) for each export in a file."""
    found = []
    for row in csv.reader(file, strict=True):
        view = view_of(row)
        if view:
            found.append((view, row, []))
        elif not found:
            raise Unreadable(f"{name}: no header of a known view")
        elif row:
            if len(row) != len(found[-1][1]):
                raise Unreadable(f"{name}: a row of {found[-1][0]} has {len(row)} columns, its header {len(found[-1][1])}")
            found[-1][2].append(dict(zip(found[-1][1], row)))
    if not found:
        raise Unreadable(f"{name}: nothing in it")
    return found


def load_oracle(folder, view):
    with open(os.path.join(folder, f"{view}.csv"), encoding="utf-8", newline="") as file:
        (kind, _, rows), = tables(file, file.name)
    keys = VIEWS[view][0]
    return {tuple(row[k] for k in keys): row for row in rows if kind == view}


def same(column, ours, theirs):
    if column in TEXT or ours == "" or theirs == "":
        return ours == theirs
    try:
        return number(ours) == number(theirs)
    except ValueError:                                # NaN and whatever else is no number
        return False


def compare(view, oracle, header, rows, report):
    """Reports every difference; returns how many rows of the calculation were compared."""
    keys, needed, _ = VIEWS[view]
    missing = [c for c in keys + needed if c not in header]
    if missing:
        raise Unreadable(f"{view}: the export has no column {', '.join(missing)}")
    columns = [c for c in next(iter(oracle.values()), {}) if c in header and c not in keys]
    seen, beyond = set(), 0
    for row in rows:
        key = tuple(row[k] for k in keys)
        name = " ".join((view,) + key)
        if key in seen:
            report(f"{name}: more than one row in the database")
            continue
        if key not in oracle:
            if view != "goal_status" and row["goals"] in ("", "0") and row["score"] == "":
                beyond += 1
            else:
                report(f"{name}: not calculated, in the database with score {row['score'] or 'NULL'}")
            continue
        seen.add(key)
        ours = oracle[key]
        for column in columns:
            if column in WHERE_KNOWN and ours[column] == "":
                continue
            if not same(column, ours[column], row[column]):
                report(f"{name} {column}: calculated {ours[column] or 'NULL'}, database {row[column] or 'NULL'}")
        if "light_rank" in header and row["light"] in LIGHTS and row["light_rank"] != str(LIGHTS.index(row["light"])):
            report(f"{name} light_rank: {row['light_rank'] or 'NULL'} does not fit {row['light']}")
    for key in sorted(oracle.keys() - seen):
        report(f"{' '.join((view,) + key)}: no row in the database")
    if beyond:
        print(f"{view}: {beyond} rows without goals and score were left aside")
    return len(seen)


def read_exports(names):
    exports = {}
    for name in names or ["-"]:
        if name == "-":
            sys.stdin.reconfigure(encoding="utf-8-sig", newline="")
            found = tables(sys.stdin, "standard input")
        else:
            with open(name, encoding="utf-8-sig", newline="") as file:
                found = tables(file, name)
        for view, header, rows in found:
            if view in exports:
                raise Unreadable(f"{view} was exported twice")
            exports[view] = (header, rows)
    return exports


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("oracle_dir")
    ap.add_argument("files", nargs="*")
    ap.add_argument("--only", help="the views to expect, separated by commas; default: all three")
    a = ap.parse_args()
    expected = a.only.split(",") if a.only else list(VIEWS)
    if not set(expected) <= set(VIEWS):
        ap.error(f"--only knows {', '.join(VIEWS)}")
    failures = 0

    def report(line):
        nonlocal failures
        failures += 1
        print(line)

    try:
        exports = read_exports(a.files)
        total = wanted = 0
        for view in expected:
            oracle = load_oracle(a.oracle_dir, view)
            if not oracle:
                raise Unreadable(f"{view}: the calculation holds no rows")
            before = failures
            count = compare(view, oracle, *exports[view], report) if view in exports else 0
            if view not in exports:
                report(f"{view}: not exported")
            print(f"{view}: {count} of {len(oracle)} rows compared, {failures - before} differences")
            total, wanted = total + count, wanted + len(oracle)
    except (Unreadable, OSError, UnicodeDecodeError, csv.Error) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2
    print(f"all: {total} of {wanted} rows compared, {failures} differences")
    return 1 if failures or total < wanted else 0


if __name__ == "__main__":
    sys.exit(main())
