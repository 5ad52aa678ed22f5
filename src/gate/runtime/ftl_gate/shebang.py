# The `#!` line of a module. Apart from module_kind.py because a call needs no more,
# and regular expressions take 6 ms of CPU to import.


def interpreter(text):
    """The words after `#!`; None when the first line has none."""
    return text.split("\n", 1)[0][2:].split() if text.startswith("#!") else None


def is_python(words):
    """Whether `#!` words mean Python: the program, or what `env` is to start."""
    names = [word.rpartition("/")[2] for word in words]
    name = names[0] if names else ""
    if name == "env":
        rest = [n for n in names[1:] if not n.startswith("-") and "=" not in n]
        name = rest[0] if rest else ""
    return name.rstrip("0123456789.") in ("python", "pypy", "platform-python")
