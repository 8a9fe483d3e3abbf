#!/usr/bin/env python3
"""The plant's seven weeks in the database against the seven weeks lived through here.

    PGHOST=... PGPORT=... PGUSER=postgres test/oracle/check_rhythm.py

Makes a database, loads demo/data through demo/load.sql, lives through 2026-08-01
to 2026-09-18 by demo/live.sql, one tick an hour, and holds reminders,
escalations, check-in weeks, rewards and messages against rhythm.py, row by row.
Run from the root of the project (or a copy of demo and test); prints TAP.  The
database is dropped again.

    test/oracle/check_rhythm.py --database NAME [--from 2026-08-16] [--to 2026-09-04] [--without 2026-08-25 2026-08-28]

compares a database that somebody else has lived through, also from other days on,
and without the ticks from 0:00 of one day up to, not including, 0:00 of another.
"""
import argparse
import csv
import datetime as dt
import io
import os
import subprocess
import sys
from collections import Counter

sys.dont_write_bytecode = True
from plant import SHANGHAI, Plant                     # noqa: E402
from rhythm import Rhythm, exports, hours, midnight, text    # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATABASE = "oracle_rhythm"
FIRST, LAST = dt.date(2026, 8, 1), dt.date(2026, 9, 18)
SHOWN = 20

# what the database shows, in the columns of rhythm.py's exports
QUERIES = {
    "reminder_episode": """SELECT employee_no, employee, silent_since, reminded_at, escalated_at, escalated_to, closed_at FROM reminder_episode""",
    "weekly_check_in": """SELECT week_on, employee_no, employee, department, is_valid, is_on_time, is_excused, streak FROM weekly_check_in""",
    "reward": """SELECT employee_no, block_on, last_week_on, earned_at FROM streak_reward WHERE status = 'earned' AND days = 0.5""",
    "inbox": """SELECT kind, employee_no, created_at, CASE kind WHEN 'silence_escalation' THEN params ->> 'employee_no' ELSE '' END AS about
        FROM message JOIN employee ON employee_id = recipient_id WHERE kind IN ('silence_reminder', 'silence_escalation', 'reward_earned')""",
}


def run(*command, **more):
    """A command's output; on failure what it said goes to standard error."""
    done = subprocess.run(command, text=True, capture_output=True, **more)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{command[0]} failed with {done.returncode}")
    return done.stdout


def psql(database, *arguments):
    return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments, cwd=ROOT)


def shown(value):
    """A value of the database as rhythm.py writes it."""
    try:
        return text(dt.datetime.fromisoformat(value).astimezone(SHANGHAI)) if len(value) > 18 and value[4] == value[7] == "-" else value
    except ValueError:
        return value


def rows_of(database, query):
    """(header, rows) of a query."""
    out = run("psql", "-Xq", "--csv", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", "SET search_path = perf, perf_mgmt", "-c", "SET timezone = 'Asia/Shanghai'",
              "-c", query)
    header, *rows = csv.reader(io.StringIO(out))
    return tuple(header), [tuple(map(shown, row)) for row in rows]


def differences(header, ours, theirs):
    """What the one side has and the other has not, as text."""
    ours, theirs = Counter(ours), Counter(theirs)
    return [f"{side} {dict(zip(header, row))}" for side, rows in (("only calculated:", ours - theirs), ("only in the database:", theirs - ours))
            for row in sorted(rows.elements())]


def tests(database, ticks, lives):
    """(what, problems) one by one."""
    if lives:
        lines = [line for line in psql(database, "-f", "demo/load.sql").splitlines() if "records" in line]
        yield "every file of the plant loads whole", [line for line in lines if ", 0 rejected" not in line] or (not lines and ["no file was loaded"])
        print("".join(f"# {line}\n" for line in psql(database, "-v", f"first={FIRST}", "-v", f"last={LAST}", "-f", "demo/live.sql").splitlines()), end="")
    expected = exports(Rhythm(Plant(os.path.join(ROOT, "demo", "data"))).run(ticks), LAST)
    for name, query in QUERIES.items():
        header, ours = expected[name]
        their_header, theirs = rows_of(database, query)
        problems = differences(header, [tuple(map(text, row)) for row in ours], theirs)
        if header != their_header:
            problems = [f"the columns are {', '.join(their_header)}"]
        if not ours:
            problems = ["nothing was calculated"]
        yield f"{name}: {len(ours)} rows calculated, {len(theirs)} in the database, {len(problems)} differences", problems


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--database", help="compare this one, which has been lived through")
    ap.add_argument("--from", dest="first", type=dt.date.fromisoformat, default=FIRST)
    ap.add_argument("--to", dest="last", type=dt.date.fromisoformat, default=LAST)
    ap.add_argument("--without", nargs=2, type=dt.date.fromisoformat, metavar=("DAY", "DAY"), default=(None, None))
    ap.add_argument("--all", action="store_true", help=f"show all differences, not {SHOWN} a test")
    ap.add_argument("--host", help="instead of PGHOST")
    ap.add_argument("--port", help="instead of PGPORT")
    a = ap.parse_args()
    os.environ.update({name: value for name, value in (("PGHOST", a.host), ("PGPORT", a.port)) if value})
    begins, ends = a.without
    ticks = [at for at in hours(a.first, a.last) if begins is None or not midnight(begins) <= at < midnight(ends)]
    database = a.database or DATABASE
    count = failed = 0
    try:
        if not a.database:
            subprocess.run(["dropdb", "--if-exists", "--force", database], capture_output=True)
            run("createdb", database)
            psql(database, "-c", "CREATE EXTENSION perf_mgmt", "-c", "SELECT perf_mgmt.create_workspace('perf')")
        for what, problems in tests(database, ticks, not a.database):
            count += 1
            failed += bool(problems)
            print(f"{'not ok' if problems else 'ok'} {count} - {what}", flush=True)
            for problem in (problems or ())[:None if a.all else SHOWN]:
                print(f"# {problem}")
        print(f"1..{count}")
    finally:
        if not a.database:
            subprocess.run(["dropdb", "--if-exists", "--force", database], capture_output=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
