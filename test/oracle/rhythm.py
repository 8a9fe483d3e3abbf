#!/usr/bin/env python3
"""Lives through the plant's weeks hour by hour: silence, reminders, escalations, check-in weeks, rewards.

    python3 test/oracle/rhythm.py demo/data --from 2026-08-01 --to 2026-09-18 --out DIR

Reads the CSV files alone and writes reminder_episode.csv, weekly_check_in.csv,
reward.csv and inbox.csv.  No database is asked and none of its rules are read:
everything follows from the interface, 3.15 to 3.17.

The clock ticks at every full hour from 0:00 of the first day to 24:00 of the last,
both included; run() takes any other series of ticks.  A tick knows what had been
recorded by then, and a check-in is recorded at its own time.

How the interface is read where it leaves something open:

 1. The clock of silence is the last own check-in on any goal of any cycle, up to the tick.
    Before the first one it is the earliest start of the person's live goals in active cycles.
 2. Days of silence are calendar days after that day up to and including the tick's; leave
    days among them do not count, weekends do.  More than 7 make a reminder: whole days, so
    the hour of the check-in never matters.
 3. Waking hours are working days from 9:00 up to, not including, 18:00.  Nothing is kept for
    the past: a person who became silent on Saturday is reminded on Monday at 9:00, if still silent.
 4. Watched is who has a live goal in an active cycle, is employed and not on leave on the
    tick's day.  A goal is live by the state that the file gives it, from the beginning; a
    cycle is active on the days from its first to its last.  Goals that begin later count too.
 5. An episode is named by person and day since when silent.  It has one reminder and one
    escalation.  It is closed by the first own check-in after the reminder, at the time of the check-in,
    whatever the hour and whether or not the person is watched; nothing else closes it.
 6. The 48 hours run from the reminder's tick.  Hours of leave days do not count, weekends do.
    At least 48 are needed: exactly 48 are enough.
 7. The manager is asked for on the tick's day.  Absent is who is on leave or not employed
    that day; the next level is the absent one's own manager, and so on up.  A person without
    anybody above: the HR setting, which is not set here, then nobody: the escalation is an
    unrouted one, escalated_at is set and escalated_to is not.
 8. Who was silent for long when the clock begins is reminded at the first waking tick: there
    is no memory of earlier messages.
 9. A week has a row for everybody from the one in which the first live goal of that person begins
    (any cycle) to the one of the last day, also after leaving: such weeks are excused.
10. Valid and on time look at the check-ins whose time lies in the week.  On time: they tick and
    show a photo by Friday 24:00 already.  In the running week, until Friday 24:00, a person who
    has not done that yet is neither: the week is open.
11. Excused: each working day of the week is a leave day or outside the employment, and
    there is one such day.  An excused week is left out of the row of weeks whatever was done in it.
12. The department of a week is the one of the last day of it on which the person was employed, none
    where there is no such day.
13. The streak of a week is the number of kept weeks in a row up to and including it; excused and
    open ones leave it as it was.
14. Every fourth week of a row earns half a day off, with the weeks 1 to 4, 5 to 8 and so on of the row
    as its block.  It is earned when the last of them is over, at Friday 24:00, by the first tick
    from then on; blocks of the time before the clock began are earned by its first tick.
15. The message about it is made by the tick that earns it, one message however many were earned: the
    waking hours are read as those of reminders and escalations.  Somebody who has left gets none.
"""
import argparse
import bisect
import csv
import dataclasses
import datetime as dt
import os
import sys
from collections import defaultdict

sys.dont_write_bytecode = True
from plant import DAY, SHANGHAI, Plant     # noqa: E402

HOUR = dt.timedelta(hours=1)
INSTANT = dt.timedelta(microseconds=1)
SILENCE_DAYS = 7
ESCALATE_AFTER = 48 * HOUR
BEGINNING = dt.datetime(1, 1, 1, 0, 0, tzinfo=dt.timezone.utc)
WAKES_AT, SLEEPS_AT = 9, 18
BLOCK = 4


def midnight(day):
    """The first moment of a day."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


def monday(day):
    return day - day.weekday() * DAY


def is_working_day(day):
    return day.weekday() < 5


def is_waking(at):
    return is_working_day(at.date()) and WAKES_AT <= at.hour < SLEEPS_AT


def hours(first, last):
    """Every full hour from 0:00 of a day to 24:00 of another."""
    at, ends = midnight(first), midnight(last + DAY)
    while at <= ends:
        yield at
        at += HOUR


@dataclasses.dataclass
class Episode:
    employee_no: str
    silent_since: dt.date
    reminded_at: dt.datetime
    days: int
    escalated_at: dt.datetime = None
    escalated_to: str = None
    closed_at: dt.datetime = None


@dataclasses.dataclass(frozen=True)
class Reward:
    employee_no: str
    first_week_on: dt.date
    last_week_on: dt.date
    earned_at: dt.datetime


@dataclasses.dataclass(frozen=True)
class Message:
    kind: str
    employee_no: str
    created_at: dt.datetime
    about: str                                        # the silent one's number, or nothing


@dataclasses.dataclass(frozen=True)
class Week:
    week_on: dt.date
    employee_no: str
    department: str                                   # its code
    is_valid: bool
    is_on_time: bool
    is_excused: bool
    is_open: bool
    streak: int

    @property
    def is_kept(self):
        return self.is_valid and self.is_on_time


class Rhythm:
    def __init__(self, plant, hr_no=None):
        self.plant, self.hr_no = plant, hr_no
        self.own = defaultdict(list)                  # a person's check-ins in order of time
        for check_in in plant.check_ins:
            self.own[check_in.employee_no].append(check_in)
        for check_ins in self.own.values():
            check_ins.sort(key=lambda c: c.at)
        self.times = {no: [c.at for c in check_ins] for no, check_ins in self.own.items()}
        self.live = defaultdict(list)                 # a person's live goals
        for goal in plant.goals.values():
            if goal.is_live:
                self.live[goal.owner.no].append(goal)
        self.episodes, self.rewards, self.messages = [], [], []
        self._open, self._looked, self._earned = {}, set(), set()

    def came(self, employee, after, until):
        """A person's own check-ins later than a moment, up to and including another."""
        times = self.times.get(employee.no, [])
        return self.own[employee.no][bisect.bisect_right(times, after):bisect.bisect_right(times, until)]

    # silence -------------------------------------------------------------------------------------------------------
    def active_goals(self, employee, day):
        return [g for g in self.live[employee.no] if g.cycle.starts_on <= day <= g.cycle.ends_on]

    def is_watched(self, employee, day):
        return employee.is_employed(day) and not employee.is_on_leave(day) and bool(self.active_goals(employee, day))

    def silent_since(self, employee, at):
        """The day of the last own check-in, or that from which one is waited for."""
        known = self.came(employee, BEGINNING, at)
        return known[-1].at.date() if known else min(g.starts_on for g in self.active_goals(employee, at.date()))

    @staticmethod
    def days_of_silence(employee, since, day):
        return sum(not employee.is_on_leave(since + n * DAY) for n in range(1, (day - since).days + 1))

    @staticmethod
    def waited(employee, since, at):
        """The time between two moments without that on leave days."""
        total = at - since
        day = since.date()
        while day <= at.date():
            if employee.is_on_leave(day):
                total -= min(at, midnight(day + DAY)) - max(since, midnight(day))
            day += DAY
        return total

    def copied(self, employee, day):
        """The number of who gets the copy on a day: the nearest superior who is there, then HR, then nobody."""
        no, passed = employee.manager_on(day), {employee.no}
        while no is not None and no not in passed:
            superior = self.plant.employees[no]
            if superior.is_employed(day) and not superior.is_on_leave(day):
                return no
            passed.add(no)
            no = superior.manager_on(day)
        return self.hr_no

    def close(self, at):
        for no, episode in list(self._open.items()):
            answers = self.came(self.plant.employees[no], episode.reminded_at, at)
            if answers:
                episode.closed_at = answers[0].at
                del self._open[no]

    def remind(self, employee, at):
        since = self.silent_since(employee, at)
        days = self.days_of_silence(employee, since, at.date())
        if days > SILENCE_DAYS:
            self._open[employee.no] = Episode(employee.no, since, at, days)
            self.episodes.append(self._open[employee.no])
            self.messages.append(Message("silence_reminder", employee.no, at, ""))

    def escalate(self, employee, at):
        episode = self._open[employee.no]
        if episode.escalated_at is None and self.waited(employee, episode.reminded_at, at) >= ESCALATE_AFTER:
            episode.escalated_at, episode.escalated_to = at, self.copied(employee, at.date())
            if episode.escalated_to:
                self.messages.append(Message("silence_escalation", episode.escalated_to, at, employee.no))

    # weeks ---------------------------------------------------------------------------------------------------------
    def weeks(self, employee, at):
        """A person's weeks as known at a moment, in order; that moment's is the last."""
        if not self.live[employee.no]:
            return []
        week, streak, out = monday(min(g.starts_on for g in self.live[employee.no])), 0, []
        while midnight(week) < at:
            deadline, ends = midnight(week + 5 * DAY), midnight(week + 7 * DAY)
            came = self.came(employee, midnight(week) - INSTANT, min(ends - INSTANT, at))
            by_friday = [c for c in came if c.at < deadline]
            is_valid, is_on_time = (any(c.tasks for c in some) and any(c.photos for c in some) for some in (came, by_friday))
            working = [day for day in (week + n * DAY for n in range(7)) if is_working_day(day)]
            is_excused = bool(working) and all(employee.is_on_leave(day) or not employee.is_employed(day) for day in working)
            is_open = at < deadline and not is_on_time
            if not is_excused and not is_open:
                streak = streak + 1 if is_on_time else 0
            departments = [code for code in (employee.department_on(week + n * DAY) for n in range(7)) if code]
            out.append(Week(week, employee.no, departments[-1] if departments else None, is_valid, is_on_time, is_excused, is_open, streak))
            week += 7 * DAY
        return out

    def reward(self, employee, at):
        """Blocks whose last week is over; each is earned once."""
        block = []
        for week in self.weeks(employee, at):
            if week.is_excused or at < midnight(week.week_on + 5 * DAY):
                continue
            block = block + [week.week_on] if week.is_kept else []
            if len(block) == BLOCK:
                if (employee.no, block[0]) not in self._earned:
                    self._earned.add((employee.no, block[0]))
                    self.rewards.append(Reward(employee.no, block[0], block[-1], at))
                    told = Message("reward_earned", employee.no, at, "")
                    if employee.is_employed(at.date()) and told not in self.messages[-1:]:
                        self.messages.append(told)
                block = []

    # the clock -----------------------------------------------------------------------------------------------------
    def tick(self, at):
        day = at.date()
        self.close(at)
        for employee in self.plant.employees.values():
            # a block becomes full at a Friday's end and at no other time: one look after each is enough
            part_of_week = (employee.no, monday(day), day.weekday() >= 5)
            if part_of_week not in self._looked:
                self._looked.add(part_of_week)
                self.reward(employee, at)
            if is_waking(at) and self.is_watched(employee, day):
                if employee.no in self._open:
                    self.escalate(employee, at)
                else:
                    self.remind(employee, at)

    def run(self, ticks):
        for at in ticks:
            self.tick(at)
        return self


# what is written ---------------------------------------------------------------------------------------------------------
def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else str(value)


def exports(rhythm, last):
    """name -> (header, rows) as the database is expected to show them after the last day."""
    people = rhythm.plant.employees
    at = midnight(last + DAY) - INSTANT
    weeks = [(w.week_on, no, people[no].name, w.department and rhythm.plant.departments[w.department].name, w.is_valid, w.is_on_time, w.is_excused, w.streak)
             for no in people for w in rhythm.weeks(people[no], at)]
    return {
        "reminder_episode": (
            ("employee_no", "employee", "silent_since", "reminded_at", "escalated_at", "escalated_to", "closed_at"),
            [(e.employee_no, people[e.employee_no].name, e.silent_since, e.reminded_at, e.escalated_at, e.escalated_to, e.closed_at) for e in rhythm.episodes]),
        "weekly_check_in": (("week_on", "employee_no", "employee", "department", "is_valid", "is_on_time", "is_excused", "streak"), weeks),
        "reward": (("employee_no", "block_on", "last_week_on", "earned_at"),
                   [(r.employee_no, r.first_week_on, r.last_week_on, r.earned_at) for r in rhythm.rewards]),
        "inbox": (("kind", "employee_no", "created_at", "about"), [(m.kind, m.employee_no, m.created_at, m.about) for m in rhythm.messages]),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder")
    ap.add_argument("--from", dest="first", type=dt.date.fromisoformat, required=True)
    ap.add_argument("--to", dest="last", type=dt.date.fromisoformat, required=True)
    ap.add_argument("--out", required=True)
    a = ap.parse_args()
    rhythm = Rhythm(Plant(a.folder)).run(hours(a.first, a.last))
    os.makedirs(a.out, exist_ok=True)
    for name, (header, rows) in exports(rhythm, a.last).items():
        with open(os.path.join(a.out, f"{name}.csv"), "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header] + sorted(tuple(map(text, row)) for row in rows))
        print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
