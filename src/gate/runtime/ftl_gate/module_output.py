# The result that a module printed. src/core/result/module_output.ts has the same
# rules; tests/fixtures/module_output.json holds both.
from .frames import check, scan


def last_object(text):
    """The last JSON object that starts a line; None if it is broken, or inside a
    list or a broken object, or if there is none."""
    whole = text.strip(" \t\r\n")
    if whole.startswith("{") and whole.endswith("}"):
        found = parse(whole)
        if found is not None:
            return found
    if "{" not in whole:
        return None
    from . import mixed_output  # which needs `re`: importing it takes 5 ms of CPU

    span = mixed_output.last_span(text)
    return parse(text[span[0] : span[1]]) if span else None


def parse(text):
    """The object that is the whole text; None if it is not one."""
    try:
        check(text.encode("utf-8", "replace"))
        value, end = scan(text, 0)
    except (StopIteration, ValueError, RecursionError, SystemError):
        return None
    return value if end == len(text) and isinstance(value, dict) else None
