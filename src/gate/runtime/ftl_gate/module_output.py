# The result that a module printed. src/core/result/module_output.ts has the same
# rules.
import re

from .frames import scan


def last_object(text):
    """The last JSON object at the start of a line; without one, the last anywhere."""
    for start in (r"^[ \t]*\{", r"\{"):
        pattern, found, at, tries = re.compile(start, re.M), None, 0, 0
        while tries < 10000:
            match = pattern.search(text, at)
            if match is None:
                break
            tries += 1
            at = match.end()
            try:
                found, at = scan(text, at - 1)
            except (StopIteration, ValueError, RecursionError, SystemError):
                pass  # it only looked like an object
        if found is not None:
            return found
    return None
