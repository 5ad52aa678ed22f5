# The kind of a module, by Ansible's rules, for the modules that a client of version
# 1 sends inline. src/gate/modules/module_kind.ts has the same rules, and both are
# tested with tests/fixtures/modules/kinds/.
import re

from .shebang import interpreter, is_python

REPLACED = (
    "#<<INCLUDE_ANSIBLE_MODULE_COMMON>>",
    '"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"',
    '"<<ANSIBLE_VERSION>>"',
    "<<SELINUX_SPECIAL_FILESYSTEMS>>",
)
# argument_file.py replaces this one.
JSON_ARGS = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
POWERSHELL = (
    r"^#!powershell\b|^# POWERSHELL_COMMON|^#Requires -(?:Module|Version)"
    r"|^#AnsibleRequires -(?:OSVersion|PowerShell|CSharpUtil|Wrapper)"
)
MODULE_COMMON = r"^from +ansible\.module_common +import +\*"
IMPORTS_UTILS = (
    r"^[ \t]*(?:from|import)[ \t]+(?:ansible\.module_utils"
    r"|ansible_collections\.[\w.]*\bmodule_utils|\.+[ \t]*[\w.]*\bmodule_utils)\b"
)
MAIN = r"^(?:async[ \t]+)?def[ \t]+main[ \t]*\(([^)]*)"
CALLS_MAIN = r"(?<!def )\bmain[ \t]*\("
NOT_CODE = (
    r'"""[\s\S]*?"""'
    r"|'''[\s\S]*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|#[^\n]*"
)
# What text is made of, by Ansible's rule.
TEXT = bytes({7, 8, 9, 10, 12, 13, 27} | set(range(0x20, 0x100)) - {0x7F})
DOCUMENTED = r"^DOCUMENTATION[ \t]*="
STATEMENT = (
    r"^(?:import|from(?![ \t]+__future__)|def|async|class|if|for|while|try|with|@"
    r"|\w[\w.]*\()"
)


def detect(source):
    """binary, new, json, script, native or old: the first that matches. ValueError
    for a module that ftl cannot run; its text continues "Module NAME"."""
    if source[:1024].translate(None, TEXT):
        return "binary"
    text = decode(source)
    refuse(text)
    if search(IMPORTS_UTILS, text) or "AnsibleModule(" in text:
        return "new"
    is_marked = JSON_ARGS in text
    if "WANT_JSON" in text and not is_marked:
        return "json"
    words = interpreter(text)
    if words is not None and not is_python(words):
        return "script"
    if is_marked:
        return "old"
    if words is None and is_function(text):
        return "native"
    if search(DOCUMENTED, text) and not search(STATEMENT, re.sub(NOT_CODE, "", text)):
        raise ValueError(
            "is only the documentation of an action plugin, which Ansible runs on"
            " the controller: there is nothing in it to run on a host"
        )
    return "old"


def decode(source):
    """The text in the encoding that it declares (PEP 263)."""
    from importlib.util import decode_source

    try:
        return decode_source(source)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return source.decode("latin-1")  # the interpreter reports what it cannot read


def search(pattern, text, flags=0):
    return re.search(pattern, text, re.M | re.A | flags)


def refuse(text):
    found = search(POWERSHELL, text, re.I)
    if found:
        raise ValueError(
            'is a PowerShell module (it has "%s"): ftl cannot run it' % found[0].strip()
        )
    marks = [mark for mark in REPLACED if mark in text]
    found = search(MODULE_COMMON, text)
    if marks or found:
        raise ValueError(
            "is of the kind that Ansible's controller completes by text replacement"
            " (it has %s): ftl cannot run it" % (marks[0] if marks else found[0])
        )


def is_function(text):
    """Whether a top-level `main` is for others to call: it takes a keyword, or it
    has no parameters and the module itself does not call it."""
    for between in re.findall(MAIN, text, re.M | re.A):
        parameters = re.sub(r"#[^\n]*", "", between)
        if not parameters.strip():
            if not search(CALLS_MAIN, re.sub(NOT_CODE, "", text)):
                return True
            continue
        takes = False
        for part in parameters.split(","):
            if part.strip() == "/":
                takes = False
            elif re.match(r"\s*(?:\*\*|[^\W\d])", part, re.A):
                takes = True
        if takes:
            return True
    return False
