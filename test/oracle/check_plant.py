#!/usr/bin/env python3
"""The plant in the database against the plant calculated here.

    PGHOST=... PGPORT=... PGUSER=postgres test/oracle/check_plant.py

Makes a database, loads demo/data through demo/load.sql as HR would, and holds
goal_status, employee_scorecard and department_overview of the four quarters
against scorecard.py, figure by figure.  Every explanation must add up to its
score.  Run from the root of the project (or a copy of demo and test); prints
TAP.  The database is dropped again.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATABASE = "oracle_plant"
VIEWS = ("goal_status", "employee_scorecard", "department_overview")

# each person and cycle whose explanation does not add up to the score
UNEXPLAINED = """
SET search_path = perf, perf_mgmt;
WITH explained AS (
    SELECT r.employee_no, c.code AS cycle, sum(r.points) AS points
        FROM score_step_result r JOIN cycle_closing v USING (closing_id) JOIN cycle c USING (cycle_id) GROUP BY 1, 2
    UNION ALL
    SELECT l.employee_no, c.code, sum(l.points)
        FROM explain_live(today(), goal_states(today())) l JOIN cycle c USING (cycle_id) GROUP BY 1, 2
)
SELECT s.employee_no, s.cycle, s.score, e.points
    FROM employee_scorecard s LEFT JOIN explained e USING (employee_no, cycle)
    WHERE s.score IS DISTINCT FROM e.points
"""


def run(*command, **more):
    """A command's output; on failure what it said goes to standard error."""
    done = subprocess.run(command, text=True, capture_output=True, **more)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{command[0]} failed with {done.returncode}")
    return done.stdout


def psql(*arguments):
    return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, *arguments, cwd=ROOT)


def tests(folder):
    """(what, problems) one by one."""
    report = psql("-f", "demo/load.sql")
    lines = [line for line in report.splitlines() if "records" in line]
    yield "every file of the plant loads whole", [line for line in lines if not re.search(r", 0 rejected", line)] or (not lines and ["no file was loaded"])

    run(sys.executable, os.path.join(HERE, "scorecard.py"), os.path.join(ROOT, "demo", "data"), "--as-of", "2026-09-18", "--out", folder)
    for view in VIEWS:
        path = os.path.join(folder, f"database_{view}.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(run("psql", "-Xq", "--csv", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-c", f"SELECT * FROM perf.{view}"))
        done = subprocess.run([sys.executable, os.path.join(HERE, "compare.py"), "--only", view, folder, path], text=True, capture_output=True)
        told = (done.stdout + done.stderr).splitlines()
        yield f"{view}: {told[-1] if told else 'nothing compared'}", done.returncode and told[:40]

    yield "every explanation adds up to its score", psql("-c", UNEXPLAINED).splitlines()
    again = psql("-f", "demo/load.sql")
    lines = [line for line in again.splitlines() if "records" in line]
    yield "loading the files again changes nothing", [line for line in lines if not re.search(r", 0 accepted", line)]


def main():
    subprocess.run(["dropdb", "--if-exists", "--force", DATABASE], capture_output=True)
    run("createdb", DATABASE)
    count = failed = 0
    try:
        psql("-c", "CREATE EXTENSION perf_mgmt", "-c", "SELECT perf_mgmt.create_workspace('perf')")
        with tempfile.TemporaryDirectory() as folder:
            for what, problems in tests(folder):
                count += 1
                failed += bool(problems)
                print(f"{'not ok' if problems else 'ok'} {count} - {what}", flush=True)
                for problem in problems or ():
                    print(f"# {problem}")
        print(f"1..{count}")
    finally:
        subprocess.run(["dropdb", "--if-exists", "--force", DATABASE], capture_output=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
