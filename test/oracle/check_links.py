#!/usr/bin/env python3
"""The links of the plant in the database against those judged here.

    PGHOST=... PGPORT=... PGUSER=postgres test/oracle/check_links.py

Makes a database, loads demo/data through demo/load.sql as HR would, and holds
collaboration_heatmap of all quarters, the joint warnings of the day and the
chains that end at deliveries against links.py.  Run from the root of the project
(or a copy of demo and test); prints TAP.  The database is dropped again.
"""
import csv
import datetime as dt
import io
import os
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from calculation import Calculation                   # noqa: E402
from exact import number                              # noqa: E402
from links import Judgement, read                     # noqa: E402
from plant import Plant                               # noqa: E402

DATABASE = "oracle_links"
DATA = os.path.join(ROOT, "demo", "data")
TODAY = dt.date(2026, 9, 18)


def run(*command, **more):
    """A command's output; on failure what it said goes to standard error."""
    done = subprocess.run(command, text=True, capture_output=True, **more)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{command[0]} failed with {done.returncode}")
    return done.stdout


def rows(query):
    path = "SET search_path = perf, perf_mgmt;"
    out = run("psql", "-Xq", "--csv", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-c", path, "-c", query)
    return list(csv.DictReader(io.StringIO(out)))


def compared(calculated, shown):
    """Problems between two dicts."""
    return [f"{key}: calculated {calculated.get(key)}, database {shown.get(key)}"
            for key in sorted(calculated.keys() | shown.keys()) if calculated.get(key) != shown.get(key)]


def tests():
    """(what, problems) one by one."""
    run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-f", "demo/load.sql", cwd=ROOT)
    plant = Plant(DATA)
    judgement = Judgement(Calculation(plant, TODAY), read(DATA, plant))
    today = [k for k in judgement.links if k.goal.cycle.code == "2026Q3"]

    heat = {(r["from_code"], r["to_code"], r["cycle"]): (
        number(r["strength"]), int(r["links"]), int(r["lagging"]),
        None if r["mean_slack_days"] == "" else number(r["mean_slack_days"]), number(r["risk"])) for r in rows("SELECT * FROM collaboration_heatmap")}
    calculated = judgement.heatmap()
    yield f"collaboration_heatmap: {len(calculated)} pairs of departments", compared(calculated, heat) or (not calculated and ["nothing was calculated"])

    lagging = {(k.goal.no, k.needed.no): (judgement.cause(k), judgement.slack(k)) for k in today if judgement.cause(k)}
    run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-c", "SELECT perf.watch_links(perf.day_end('2026-09-18'))")
    warned = {(r["from_goal_no"], r["to_goal_no"]): (r["cause"], int(r["slack_days"]) if r["slack_days"] else None)
              for r in rows("SELECT * FROM joint_warning WHERE closed_at IS NULL")}
    yield f"joint warnings: {len(lagging)} of {len(today)} links lag", compared(lagging, warned) or (not lagging and ["no link lags"])

    ends = {no: "t" for pair in lagging for no in pair}
    shown = {r["goal_no"]: r["joint_warning"] for r in rows("SELECT goal_no, joint_warning FROM goal_status WHERE joint_warning")}
    yield f"goal_status.joint_warning: {len(ends)} goals", compared(ends, shown)

    forecasts = {g.no: str(judgement.forecast(g) or "") for k in today for g in (k.goal, k.needed)}
    shown = {r["goal_no"]: r["forecast_on"] for r in rows("SELECT goal_no, forecast_on FROM goal_status WHERE cycle = '2026Q3'") if r["goal_no"] in forecasts}
    yield f"forecasts of {len(forecasts)} linked goals, delays along links included", compared(forecasts, shown)

    told = {(r["warning_id"], r["employee_no"]) for r in rows(
        "SELECT w.warning_id, i.employee_no FROM joint_warning w JOIN message m ON m.dedup_key LIKE 'joint_warning:' || w.warning_id || ':%'"
        " JOIN inbox i ON i.message_id = m.message_id")}
    owners = {(r["warning_id"], r[side]) for r in rows("SELECT * FROM joint_warning") for side in ("from_owner_no", "to_owner_no")}
    yield "both owners have every warning in their inbox", sorted(map(str, owners - told))

    late = {k.goal.no: (judgement.forecast(k.goal) - judgement.due(k.goal)).days for k in today
            if not any(o.needed is k.goal for o in today) and judgement.forecast(k.goal) is not None
            and judgement.forecast(k.goal) != judgement.own_forecast(k.goal)}
    chains = {r["goal_no"]: int(r["delay_days"]) for r in rows("SELECT * FROM worst_chains(1000)")}
    yield f"worst_chains: {len(late)} deliveries are late because of others", compared({no: d for no, d in late.items() if d > 0}, chains)


def main():
    subprocess.run(["dropdb", "--if-exists", "--force", DATABASE], capture_output=True)
    run("createdb", DATABASE)
    count = failed = 0
    try:
        run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-c", "CREATE EXTENSION perf_mgmt", "-c", "SELECT perf_mgmt.create_workspace('perf')")
        for what, problems in tests():
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
