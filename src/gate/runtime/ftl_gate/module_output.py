# What a module printed: src/core/module_output.ts is the other end.
import re

from .frames import scan


def last_object(text):
    """The last object that begins a line; where none does, the last there is."""
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
                pass  # it only looked like one
        if found is not None:
            return found
    return None
