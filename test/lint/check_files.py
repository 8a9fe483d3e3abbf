"""Rules for files as such: names, lengths, layout, versions that must agree."""
import json
import os
import re
import subprocess
from pathlib import Path

from lint import ROOT, Tap, relative

SKIPPED = {'.git', '.build', '.demo', 'results', 'output_iso', 'tmp_check', 'tmp_check_iso', 'log', '__pycache__'}
TEXT = {'.c', '.h', '.sql', '.py', '.pl', '.pm', '.spec', '.md', '.json', '.txt', '.control', '.mk', '.sh', '.yml', ''}
C_LINES = 800
SQL_LINES = 600


def files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix in TEXT and not path.is_symlink() and name not in ('regression.diffs', 'regression.out', '.git'):
                yield path


def is_script(path, *programs):
    with path.open('rb') as file:
        first = file.readline()
    return first.startswith(b'#!') and any(p.encode() in first for p in programs)


def layout_problems():
    """Trailing space, carriage returns, spaces where tabs belong, a missing last line end."""
    for path in files():
        name = relative(path)
        if name.startswith(('demo/data/', 'expected/')) or re.fullmatch(r'sql/perf_mgmt--[\d.]+\.sql', name):
            continue
        try:
            text = path.read_bytes().decode('utf-8')
        except UnicodeDecodeError as error:
            yield f'{name}: not UTF-8: {error}'
            continue
        if text and not text.endswith('\n'):
            yield f'{name}: the last line has no end'
        for number, line in enumerate(text.split('\n'), 1):
            if line.endswith('\r'):
                yield f'{name}:{number}: carriage return'
            elif line != line.rstrip():
                yield f'{name}:{number}: trailing space'
            if path.suffix in ('.c', '.h', '.sql') and re.match(r'\t* {4,}\S', line) and not re.match(r'\t* +\*', line):
                yield f'{name}:{number}: indented with spaces'
            if path.suffix in ('.py', '.md', '.json') and re.match(r' *\t', line):
                yield f'{name}:{number}: indented with tabs'
            if re.match(r'(<{7}|={7}|>{7})( |$)', line):
                yield f'{name}:{number}: conflict mark'


def length_problems():
    limits = [(ROOT / 'src', '*.[ch]', C_LINES), (ROOT / 'sql' / 'engine', '*.sql', SQL_LINES),
              (ROOT / 'sql' / 'workspace', '*.sql', SQL_LINES)]
    for folder, pattern, limit in limits:
        for path in sorted(folder.rglob(pattern)):
            lines = path.read_text(encoding='utf-8').count('\n')
            if lines > limit:
                yield f'{relative(path)}: {lines} lines, the limit is {limit}'


def version_problems():
    control = (ROOT / 'perf_mgmt.control').read_text()
    version = re.search(r"^default_version = '(.*)'", control, re.MULTILINE).group(1)
    meta = json.loads((ROOT / 'META.json').read_text())
    if meta['version'] != version:
        yield f'META.json says version {meta["version"]}, the control file {version}'
    provided = meta['provides']['perf_mgmt']
    if provided['version'] != version:
        yield f'META.json provides version {provided["version"]}, the control file says {version}'
    if provided['file'] != f'sql/perf_mgmt--{version}.sql':
        yield f'META.json names {provided["file"]}, the build makes sql/perf_mgmt--{version}.sql'
    changes = ROOT / 'CHANGELOG.md'
    if changes.exists() and version not in changes.read_text(encoding='utf-8'):
        yield f'CHANGELOG.md does not mention version {version}'


def control_problems():
    settings = re.findall(r'^(\w+)\s*=', (ROOT / 'perf_mgmt.control').read_text(), re.MULTILINE)
    for wanted in ('comment', 'default_version', 'module_pathname', 'relocatable'):
        if wanted not in settings:
            yield f'perf_mgmt.control: no {wanted}'
    for refused in ('requires', 'schema', 'trusted'):
        if refused in settings:
            yield f'perf_mgmt.control: sets {refused}'


def module_problems():
    """NN_name.sql, each number once in its layer."""
    for layer in ('engine', 'workspace'):
        seen = {}
        for path in sorted((ROOT / 'sql' / layer).glob('*')):
            match = re.fullmatch(r'(\d\d)_[a-z0-9_]+\.sql', path.name)
            if not match:
                yield f'{relative(path)}: not named NN_name.sql'
            elif match.group(1) in seen:
                yield f'{relative(path)}: the number is that of {seen[match.group(1)]}'
            else:
                seen[match.group(1)] = path.name


def expected_problems():
    """Every test has its expected output, and every expected output its test."""
    tests = {}
    for path in [*(ROOT / 'test' / 'sql').glob('*.sql'), *(ROOT / 'test' / 'specs').glob('*.spec')]:
        if path.stem in tests:
            yield f'{relative(path)}: has the name of {tests[path.stem]}'
        tests[path.stem] = relative(path)
        if not (ROOT / 'expected' / f'{path.stem}.out').exists():
            yield f'{relative(path)}: expected/{path.stem}.out is missing'
        if (ROOT / 'sql' / path.name).exists():
            yield f'{relative(path)}: sql/{path.name} would be run in its place'
    for path in sorted((ROOT / 'expected').glob('*')):
        if path.stem not in tests:
            yield f'{relative(path)}: there is no test of that name'


def test_problems():
    """No sleeping for luck, no plans, no rollback of what cannot fail."""
    for pattern in ('sql/*.sql', 'pgtap/*.sql', 'specs/*.spec'):
        for path in sorted((ROOT / 'test').glob(pattern)):
            for number, line in enumerate(path.read_text(encoding='utf-8').split('\n'), 1):
                code = line.split('--')[0]
                if re.search(r'\bpg_sleep\b', code):
                    yield f'{relative(path)}:{number}: sleeps'
                if pattern == 'sql/*.sql' and re.match(r'\s*EXPLAIN\b', code, re.IGNORECASE):
                    yield f'{relative(path)}:{number}: EXPLAIN, whose output differs from version to version'
                if pattern == 'pgtap/*.sql' and re.search(r'\bSELECT\s+(pass|skip|todo)\s*\(', code, re.IGNORECASE):
                    yield f'{relative(path)}:{number}: an assertion that cannot fail'


def tool_problems(command, paths):
    for path in paths:
        try:
            done = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=ROOT, check=False)
        except FileNotFoundError:
            yield f'{command[0]} is not installed'
            return
        if done.returncode != 0:
            text = (done.stdout + done.stderr).strip()
            for line in text.split('\n'):
                yield f'{relative(path)}: {line}'


def main():
    tap = Tap()
    every = list(files())
    tap.check('files are laid out alike', layout_problems())
    tap.check(f'C files have at most {C_LINES} lines, SQL modules {SQL_LINES}', length_problems())
    tap.check('one version everywhere', version_problems())
    tap.check('the control file sets what it should', control_problems())
    tap.check('modules are numbered, each number once', module_problems())
    tap.check('tests and expected outputs belong together', expected_problems())
    tap.check('tests neither sleep nor print plans', test_problems())
    tap.check('shell scripts pass shellcheck',
              tool_problems(['shellcheck', '-S', 'warning'],
                            [p for p in every if p.suffix in ('.sh', '') and is_script(p, 'sh')]))
    tap.check('Python programs compile',
              tool_problems(['/usr/bin/python3', '-c', 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())'],
                            [p for p in every if p.suffix == '.py' or is_script(p, 'python3')]))
    tap.done()


main()
