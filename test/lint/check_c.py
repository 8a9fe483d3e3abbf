"""Rules for the C files, and what static analysers say about them."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from glob import glob

from lint import ROOT, Tap, line_of, message_problems, relative

SOURCES = sorted((ROOT / 'src').glob('*.c'))
PG_CONFIG = os.environ.get('PG_CONFIG') or sorted(glob('/usr/lib/postgresql/*/bin/pg_config'))[-1]
STRINGS = r'((?:"(?:\\.|[^"\\])*"\s*)+)'


def without_comments(text):
    """The text with comments blanked, offsets kept; strings stay."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/',
                  lambda m: m.group() if m.group()[0] != '/' else re.sub(r'[^\n]', ' ', m.group()),
                  text, flags=re.DOTALL)


def read():
    return [(relative(path), without_comments(path.read_text(encoding='utf-8'))) for path in SOURCES]


def c_string(literals):
    return ''.join(re.findall(r'"((?:\\.|[^"\\])*)"', literals))


def calls(text, names):
    """Calls of the named functions or macros: (offset, name, text up to the closing parenthesis)."""
    for match in re.finditer(rf'\b({names})\s*\(', text):
        depth, i = 0, match.end() - 1
        while i < len(text):
            if text[i] == '"':
                i += re.match(r'"(?:\\.|[^"\\])*"', text[i:]).end()
                continue
            if text[i] == "'":
                i += re.match(r"'(?:\\.|[^'\\])*'", text[i:]).end()
                continue
            depth += {'(': 1, ')': -1}.get(text[i], 0)
            i += 1
            if depth == 0:
                break
        yield match.start(), match.group(1), text[match.start():i]


def message_style(sources):
    kinds = {'errmsg': 'message', 'errmsg_plural': 'message', 'errdetail': 'detail', 'errdetail_plural': 'detail',
             'errhint': 'hint'}
    for name, text in sources:
        for match in re.finditer(r'\b(errmsg|errmsg_plural|errdetail|errdetail_plural|errhint)\s*\(\s*' + STRINGS, text):
            for problem in message_problems(kinds[match.group(1)], c_string(match.group(2))):
                yield f'{name}:{line_of(text, match.start())}: {problem}'


def error_codes(sources):
    for name, text in sources:
        for offset, what, call in calls(text, 'ereport|ereturn|errsave'):
            if (what != 'ereport' or re.match(r'ereport\s*\(\s*ERROR', call)) and 'errcode' not in call:
                yield f'{name}:{line_of(text, offset)}: {what} without errcode'


def symbols_meet(sources):
    """What SQL names exists in C, and what C offers is named in SQL."""
    offered = {m.group(1): (name, line_of(text, m.start()))
               for name, text in sources for m in re.finditer(r'^PG_FUNCTION_INFO_V1\((\w+)\)', text, re.MULTILINE)}
    named = {}
    for path in sorted((ROOT / 'sql' / 'engine').glob('*.sql')) + sorted((ROOT / 'sql' / 'upgrade').glob('*.sql')):
        text = path.read_text(encoding='utf-8')
        for match in re.finditer(r"AS\s+'MODULE_PATHNAME'(?:\s*,\s*'(\w+)')?", text):
            if match.group(1) is None:
                yield f'{relative(path)}:{line_of(text, match.start())}: names no C symbol'
            else:
                named[match.group(1)] = f'{relative(path)}:{line_of(text, match.start())}'
    for symbol in sorted(named.keys() - offered.keys()):
        yield f'{named[symbol]}: no C function {symbol}'
    for symbol in sorted(offered.keys() - named.keys()):
        yield f'{offered[symbol][0]}:{offered[symbol][1]}: {symbol} is used by no SQL'


def info_above_function(sources):
    for name, text in sources:
        for match in re.finditer(r'^PG_FUNCTION_INFO_V1\((\w+)\);\n(?!Datum\n?\s*\1\(PG_FUNCTION_ARGS\))', text, re.MULTILINE):
            yield f'{name}:{line_of(text, match.start())}: PG_FUNCTION_INFO_V1 not right above {match.group(1)}'


def order_of_includes(sources):
    for name, text in sources:
        includes = re.findall(r'^#include ([<"].*?[>"])', text, re.MULTILINE)
        if includes[:1] != ['"postgres.h"']:
            yield f'{name}: the first include is not "postgres.h"'
        if '"compat.h"' not in includes:
            yield f'{name}: does not include "compat.h"'


def line_comments(sources):
    for name, text in sources:
        for match in re.finditer(r'"(?:\\.|[^"\\\n])*"|(//)', text):
            if match.group(1):
                yield f'{name}:{line_of(text, match.start())}: // comment'


def exported_names():
    library = ROOT / 'perf_mgmt.so'
    if not library.exists():
        yield 'perf_mgmt.so is not built'
        return
    done = subprocess.run(['nm', '-D', '--defined-only', str(library)], capture_output=True, text=True, check=True)
    for line in done.stdout.split('\n'):
        symbol = line.split()[-1] if line else 'pm_'
        if not re.match(r'(pm_|pg_finfo_pm_|_PG_init$|Pg_magic_func$|_init$|_fini$|__gcov|mangle_path$)', symbol):
            yield f'exports {symbol}; not static, and not prefixed pm_'


def command_problems(command, keep):
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    except FileNotFoundError:
        return [f'{command[0]} is not installed']
    lines = [l for l in (done.stdout + done.stderr).split('\n') if re.search(keep, l)]
    if done.returncode != 0 and not lines:
        lines = (done.stdout + done.stderr).strip().split('\n')
    return lines


def include_dirs():
    done = subprocess.run([PG_CONFIG, '--includedir-server'], capture_output=True, text=True, check=True)
    return ['-I', 'src', '-I', done.stdout.strip()]


def analyser_problems():
    """gcc's analyser, with the interprocedural part that -O2 opens to it."""
    flags = ['-fanalyzer', '-O2', '-fwrapv', '-D_GNU_SOURCE', '-DPERF_MGMT_VERSION="0"', *include_dirs(), '-c', '-o', '/dev/null']
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda path: command_problems(['gcc', *flags, str(path)], r'(warning|error): '), SOURCES):
            yield from found


def main():
    sources = read()
    tap = Tap()
    tap.check('C messages keep PostgreSQL\'s style', message_style(sources))
    tap.check('C errors carry an SQLSTATE', error_codes(sources))
    tap.check('C and SQL name the same functions', symbols_meet(sources))
    tap.check('PG_FUNCTION_INFO_V1 stands above its function', info_above_function(sources))
    tap.check('postgres.h first, compat.h everywhere', order_of_includes(sources))
    tap.check('no // comments', line_comments(sources))
    tap.check('exported symbols begin with pm_', exported_names())
    tap.check('cppcheck finds nothing',
              command_problems(['cppcheck', '-q', '--enable=warning,portability,performance', '--std=c99', '--inline-suppr',
                                '--error-exitcode=1', '-j', '2', '-I', 'src', *map(relative, SOURCES)], r'(error|warning|portability|performance): '))
    tap.check('gcc -fanalyzer finds nothing', analyser_problems())

    broken = [('src/sample.c', '#include "fmgr.h"\n// x\n'
               'PG_FUNCTION_INFO_V1(pm_sample);\nint x;\n'
               'void f(void)\n{\n\tereport(ERROR, (errmsg("Bad weight."), errhint("use another")));\n}\n')]
    for name, rule, wanted in [('messages', message_style, 5), ('SQLSTATE', error_codes, 1), ('names', symbols_meet, 1),
                               ('PG_FUNCTION_INFO_V1', info_above_function, 1), ('includes', order_of_includes, 2),
                               ('comments', line_comments, 1)]:
        found = [p for p in rule(broken) if 'sample' in p]
        tap.check(f'the rule finds what it is for: {name}',
                  [] if len(found) == wanted else [f'found {len(found)} of {wanted}: {found}'])
    tap.done()


main()
