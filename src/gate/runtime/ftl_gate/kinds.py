# What kind of module some bytes are; src/gate/kind.ts is the other end, and
# tests/fixtures/modules/kinds/ holds what both are tested with. Needed here for
# modules that a v1 client sends inline.
import re

IMPORT = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+"
    rb"(?:ansible\.module_utils|ansible_collections\.[\w.]*\bmodule_utils|\.+[\w.]*\bmodule_utils)\b",
    re.M,
)
MAIN = re.compile(rb"^(?:async[ \t]+)?def[ \t]+main[ \t]*\(", re.M)


def interpreter(source):
    """The words behind `#!`, or an empty list."""
    if not source.startswith(b"#!"):
        return []
    return source.split(b"\n", 1)[0][2:].decode("utf-8", "replace").split()


def is_python(words):
    name = words[-1 if words[0].endswith("/env") else 0].rpartition("/")[2]
    return name.startswith("python") or name == "platform-python"


def detect(source):
    """binary, new, json, script, native or old: the first that matches."""
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return "binary"
    if source.startswith((b"\x7fELF", b"PK\3\4")):
        return "binary"
    if IMPORT.search(source) or b"AnsibleModule(" in source:
        return "new"
    if b"WANT_JSON" in source:
        return "json"
    words = interpreter(source)
    if words and not is_python(words):
        return "script"
    if not words and MAIN.search(source):
        return "native"
    return "old"
