# The `#!` line of a module. Apart from module_kind.py because a call needs only
# this, and importing regular expressions costs 6 ms of CPU.


def interpreter(text):
    """The words after `#!`; None if the text does not start with it."""
    return text.split("\n", 1)[0][2:].split() if text.startswith("#!") else None


def is_python(words):
    """Whether `#!` words run Python, directly or through `env`."""
    names = [word.rpartition("/")[2] for word in words]
    name = names[0] if names else ""
    if name == "env":
        rest = [n for n in names[1:] if not n.startswith("-") and "=" not in n]
        name = rest[0] if rest else ""
    return name.rstrip("0123456789.") in ("python", "pypy", "platform-python")
