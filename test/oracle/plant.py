"""The plant's CSV files as objects; whatever is malformed is refused, not guessed.

Read are 部门, 员工, 调动, 指标, 周期, 目标, 延期 and 打卡: what the scores rest on;
and 请假, which the weekly rhythm needs beside them.
The files are UTF-8 with a byte order mark and CRLF line ends; 员工 and 目标 exist
a second time in GB18030, and the two copies must hold the same rows.
"""
import csv
import datetime as dt
import os

from curve import Curve
from exact import number

SHANGHAI = dt.timezone(dt.timedelta(hours=8))         # no daylight saving since 1991
DAY = dt.timedelta(days=1)
KINDS = {"目标": "objective", "关键结果": "key_result", "KPI": "kpi", "里程碑": "milestone"}
STATES = ("draft", "active", "done", "cancelled")
BASES = ("progress", "attainment", "value")
HEADERS = {
    "部门": "部门编码,部门名称,上级部门编码",
    "员工": "工号,姓名,部门编码,岗位,直属上级工号,入职日期,离职日期",
    "调动": "工号,新部门编码,新上级工号,生效日期",
    "指标": "指标编码,指标名称,单位,方向,口径,汇总方式,评分曲线,上限",
    "周期": "周期编码,类型,上级周期,开始,结束,状态",
    "目标": "目标编号,周期,上级目标编号,负责人工号,部门编码,类型,名称,指标编码,权重,贡献,基线,目标值,开始日期,截止日期,状态",
    "延期": "目标编号,原截止日期,新截止日期,原因,登记时间",
    "打卡": "打卡编号,时间,工号,目标编号,实际值,进度,完成任务,照片,说明",
    "请假": "工号,开始,结束",
}
TWICE = ("员工", "目标")


def read(path, name, encoding="utf-8-sig"):
    """The file's records as dicts, its header and the length of each record checked."""
    with open(path, encoding=encoding, newline="") as file:
        rows = list(csv.reader(file, strict=True))
    header = HEADERS[name].split(",")
    if not rows or rows[0] != header:
        raise ValueError(f"{path}: the header is not {HEADERS[name]}")
    for record, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise ValueError(f"{path}, record {record}: {len(row)} columns, not {len(header)}")
    return [dict(zip(header, row)) for row in rows[1:]]


def date(text):
    return dt.date.fromisoformat(text) if text else None


def moment(text):
    """A timestamp with its zone, in the plant's zone."""
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a timestamp without a zone: {text!r}")
    return at.astimezone(SHANGHAI)


def keyed(items, key):
    out = {}
    for item in items:
        if key(item) in out:
            raise ValueError(f"{key(item)} appears twice")
        out[key(item)] = item
    return out


class Department:
    def __init__(self, row):
        self.code, self.name, self.parent_code = row["部门编码"], row["部门名称"], row["上级部门编码"]


class Employee:
    """`moves` lists (first day, department code) by day, beginning with the hiring; `managers` the
    numbers of the superiors, None for nobody, in the same way; `leaves` the first and last days of each."""

    def __init__(self, row):
        self.no, self.name = row["工号"], row["姓名"]
        self.hired_on, self.left_on = date(row["入职日期"]), date(row["离职日期"])
        self.moves = [(self.hired_on, row["部门编码"])]
        self.managers = [(self.hired_on, row["直属上级工号"] or None)]
        self.leaves = []

    def is_employed(self, day):
        return self.hired_on <= day and (self.left_on is None or day <= self.left_on)

    def is_on_leave(self, day):
        return any(first <= day <= last for first, last in self.leaves)

    def department_on(self, day):
        """The department assigned on a day, None outside the employment."""
        return [code for since, code in self.moves if since <= day][-1] if self.is_employed(day) else None

    def manager_on(self, day):
        """The number of the superior by the assignment of a day; by the last one before it, for somebody who has left."""
        return ([None] + [no for since, no in self.managers if since <= day])[-1]


class Indicator:
    def __init__(self, row):
        self.code, self.name, self.basis = row["指标编码"], row["指标名称"], row["口径"]
        self.curve = Curve(row["评分曲线"])
        self.cap = number(row["上限"])
        if self.basis not in BASES:
            raise ValueError(f"{self.code}: unknown basis {self.basis!r}")


class Cycle:
    def __init__(self, row):
        self.code, self.starts_on, self.ends_on = row["周期编码"], date(row["开始"]), date(row["结束"])


class CheckIn:
    def __init__(self, row):
        self.no, self.at, self.employee_no, self.goal_no = row["打卡编号"], moment(row["时间"]), row["工号"], row["目标编号"]
        self.actual, self.progress = number(row["实际值"]), number(row["进度"])
        self.tasks, self.photos = [part for part in row["完成任务"].split(";") if part], [part for part in row["照片"].split(";") if part]


class Goal:
    """`due_dates` lists (moment recorded, due date); the first was agreed from the beginning."""

    def __init__(self, row, plant):
        self.no, self.title, self.state = row["目标编号"], row["名称"], row["状态"]
        self.kind = KINDS[row["类型"]]
        self.cycle = plant.cycles[row["周期"]]
        self.owner = plant.employees[row["负责人工号"]]
        self.department = plant.departments[row["部门编码"]].code
        self.indicator = plant.indicators[row["指标编码"]] if row["指标编码"] else None
        self.parent_no, self.parent, self.children = row["上级目标编号"], None, []
        self.weight, self.contribution = number(row["权重"]), number(row["贡献"])
        self.baseline, self.target = number(row["基线"]), number(row["目标值"])
        self.starts_on = date(row["开始日期"])
        self.due_dates = [(None, date(row["截止日期"]))]
        self.check_ins = []
        if self.state not in STATES:
            raise ValueError(f"{self.no}: unknown state {self.state!r}")
        if self.weight is None or self.weight < 0 or self.contribution is not None and self.contribution < 0:
            raise ValueError(f"{self.no}: a weight is missing or negative")

    @property
    def is_live(self):
        return self.state in ("active", "done")

    def due_on(self, as_of):
        """The due date as postponed by the end of a day."""
        return [due for at, due in self.due_dates if at is None or at.date() <= as_of][-1]


class Plant:
    def __init__(self, folder):
        def rows(name):
            return read(os.path.join(folder, f"{name}.csv"), name)

        for name in TWICE:
            copy = os.path.join(folder, "gb18030", f"{name}.csv")
            if os.path.exists(copy) and read(copy, name, "gb18030") != rows(name):
                raise ValueError(f"{copy} does not hold the rows of {name}.csv")
        self.departments = keyed(map(Department, rows("部门")), lambda d: d.code)
        self.employees = keyed(map(Employee, rows("员工")), lambda e: e.no)
        self.indicators = keyed(map(Indicator, rows("指标")), lambda i: i.code)
        self.cycles = keyed(map(Cycle, rows("周期")), lambda c: c.code)
        for row in sorted(rows("调动"), key=lambda r: r["生效日期"]):
            code = self.departments[row["新部门编码"]].code
            self.employees[row["工号"]].moves.append((date(row["生效日期"]), code))
            self.employees[row["工号"]].managers.append((date(row["生效日期"]), row["新上级工号"] or None))
        for row in rows("请假"):
            self.employees[row["工号"]].leaves.append((date(row["开始"]), date(row["结束"])))
        self.goals = keyed((Goal(row, self) for row in rows("目标")), lambda g: g.no)
        for goal in self.goals.values():
            if goal.parent_no:
                goal.parent = self.goals[goal.parent_no]
                goal.parent.children.append(goal)
        self._postpone(rows("延期"))
        self.check_ins = list(keyed(map(CheckIn, rows("打卡")), lambda c: c.no).values())
        for check_in in self.check_ins:                                               # in order of recording
            self.goals[check_in.goal_no].check_ins.append(check_in)
        for goal in self.goals.values():
            goal.check_ins.sort(key=lambda c: c.at)                                   # stable: ties stay as recorded
        self._paths()

    def _postpone(self, rows):
        for row in sorted(rows, key=lambda r: moment(r["登记时间"])):
            goal = self.goals[row["目标编号"]]
            if goal.due_dates[-1][1] != date(row["原截止日期"]):
                raise ValueError(f"{goal.no}: postponed from {row['原截止日期']}, but due on {goal.due_dates[-1][1]}")
            goal.due_dates.append((moment(row["登记时间"]), date(row["新截止日期"])))

    def _paths(self):
        """A department's path is its own code and those of all above it."""
        self.paths = {}
        for code in self.departments:
            path, up = [], code
            while up:
                if up in path:
                    raise ValueError(f"the departments above {code} go round in a circle")
                path.append(up)
                up = self.departments[up].parent_code
            self.paths[code] = path

    def is_in(self, code, above):
        """Whether a department is another one or below it."""
        return code is not None and above in self.paths[code]
