"""What the lint programs share: TAP output, and a reader of SQL tokens."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Tap:
    """One test for each rule; a problem is "file:line: what is wrong"."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, rule, problems):
        self.count += 1
        problems = list(problems)
        print(f'{"not ok" if problems else "ok"} {self.count} - {rule}')
        for problem in problems:
            print(f'# {problem}')
        self.failed += bool(problems)

    def done(self):
        print(f'1..{self.count}')
        sys.exit(1 if self.failed else 0)


def relative(path):
    return str(Path(path).relative_to(ROOT)) if Path(path).is_absolute() else str(path)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


TOKEN = re.compile(r"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<string>[eE]?'(?:[^'\\]|''|\\.)*')
    | (?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<word>\w+)
    | (?P<other>\|\||:=|<>|.)
""", re.VERBOSE | re.DOTALL)


def tokens(text):
    """The tokens of SQL or plpgsql, without space and comments: (kind, text, offset)."""
    found = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != 'tag' else 'dollar'
        if kind not in ('space', 'comment'):
            found.append((kind, match.group(), match.start()))
    return found


def string_value(literal):
    """The text of a quoted SQL literal."""
    return literal[literal.index("'") + 1:-1].replace("''", "'")


# Words that PostgreSQL's message style avoids, and contractions.
FORBIDDEN = re.compile(r"\b(bad|illegal|unknown|unable|may|non-negative|can't|won't|don't|doesn't|isn't|"
                       r"aren't|couldn't|wasn't)\b", re.IGNORECASE)


def message_problems(kind, text):
    """What is wrong with a message; kind is message, detail or hint."""
    word = FORBIDDEN.search(text)
    if word:
        yield f'{kind} says "{word.group()}": {text!r}'
    first = re.match(r'\w+', text)
    if kind == 'message':
        if first and first.group()[0].isupper() and not first.group().isupper() and '_' not in first.group():
            yield f'message begins with a capital: {text!r}'
        if text.endswith('.') and not text.endswith('...'):
            yield f'message ends with a full stop: {text!r}'
        if '\n' in text:
            yield f'message has more than one line: {text!r}'
    elif not re.fullmatch(r'%s', text):         # else the text is made elsewhere
        names_something = first and ('_' in first.group() or text[first.end():first.end() + 1] in ('(', '.'))
        if first and first.group()[0].islower() and not names_something:
            yield f'{kind} does not begin with a capital: {text!r}'
        if not re.search(r'[.?!:]["\')]?$', text):
            yield f'{kind} does not end with a full stop: {text!r}'
