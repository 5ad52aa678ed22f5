# Finds JSON objects between other text that a module printed.
import re

BLANK = r"[ \t\r\n]*"
START = re.compile(
    r"^[ \t]*(?:\{(?=%s[\"}])|\[(?=%s\{%s[\"}]))" % (BLANK, BLANK, BLANK), re.M
)
MORE = re.compile(r"[ \t]*[\[{]|[ \t\r\n]*[\]},:]")  # after the end: the JSON goes on
MARK = re.compile(r"[\[\]{}\"]")


def last_span(text):
    """The start and the end of the last object that starts a line; None if what
    starts there is no whole object, or if there is none."""
    span, end = None, 0
    while True:
        match = START.search(text, end)
        if match is None:
            return span
        start = match.end() - 1
        end = close(text, start)
        if end < 0 or MORE.match(text, end):
            return None
        if text[start] == "{":
            span = start, end


def close(text, at):
    """The offset after the bracket that closes the one at `at`; -1 if none does."""
    depth = 0
    while True:
        match = MARK.search(text, at)
        if match is None:
            return -1
        at = match.end()
        mark = match.group()
        if mark == '"':
            at = end_of_string(text, at)
            if at < 0:
                return -1
        elif mark in "{[":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return at


def end_of_string(text, start):
    """The offset after the quote that ends a string; -1 if its line ends before."""
    at = start
    while True:
        at = text.find('"', at) + 1
        if not at:
            return -1
        first = at - 1
        while first > start and text[first - 1] == "\\":
            first -= 1
        if (at - 1 - first) % 2 == 0:
            return -1 if text.find("\n", start, at) >= 0 else at
