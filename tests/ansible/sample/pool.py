"""Lists the modules of Debian's collections that run without a network.

Reads the folder from stdin; prints JSON: name -> {programs, examples}. A module runs without a network when
neither it nor a util that it imports, directly or not, imports what talks to one;
and when all that it imports is Python's or Ansible's own, so that the list does not
depend on what else is installed. Those that Ansible runs on its controller, with an
action plugin, are left out.
"""

import ast
import functools
import json
import os
import re
import sys

import yaml

ROOT = sys.stdin.read()
NETWORK = {
    "asyncio", "ftplib", "http", "imaplib", "poplib", "smtplib", "socket",
    "socketserver", "ssl", "telnetlib", "urllib", "xmlrpc",
}  # fmt: skip
SIX_NETWORK = {"http_client", "urllib_request", "xmlrpc_client"}
ANSIBLE_NETWORK = {"ansible.module_utils.connection", "ansible.module_utils.urls"}
IMPORT = re.compile(
    r"^[ \t]*(?:import[ \t]+([\w., \t]+)|from[ \t]+([\w.]+)[ \t]+import[ \t]+"
    r"(\([^)]*\)|[\w., \t*]+))[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
PROGRAM = re.compile(r"get_bin_path\(\s*(?:arg=)?['\"]([\w.+-]+)['\"]")


def main():
    found = {}
    for path in module_files():
        if "AnsibleModule" not in read(path) or has_action(path):
            continue
        files = closure(path)
        if files is None:
            continue
        programs = {name for file in files for name in PROGRAM.findall(read(file))}
        name = name_of(path)
        examples = examples_in(path, name)
        found[name] = {"programs": sorted(programs), "examples": examples}
    print(json.dumps(found, default=str))


def module_files():
    for folder, folders, files in os.walk(ROOT):
        folders.sort()
        if "/plugins/modules" in folder:
            for file in sorted(files):
                if file.endswith(".py") and not file.startswith("_"):
                    yield os.path.join(folder, file)


def name_of(path):
    namespace, collection, rest = os.path.relpath(path, ROOT).split("/", 2)
    name = rest[len("plugins/modules/") : -len(".py")].replace("/", ".")
    return "%s.%s.%s" % (namespace, collection, name)


def has_action(path):
    return os.path.exists(path.replace("/plugins/modules/", "/plugins/action/"))


@functools.lru_cache(maxsize=None)
def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@functools.lru_cache(maxsize=None)
def imports(path):
    """What is imported, absolute, with the names after `from x import`."""
    found = []
    text = read(path).replace("\\\n", " ")
    for plain, start, names in IMPORT.findall(text):
        for name in plain.split(",") if plain else ():
            found.append((name.split()[0] if name.strip() else "", ()))
        if start:
            words = re.sub(r"#.*|[()]", "", names).split(",")
            found.append((start, tuple(word.split()[0] for word in words if word.strip())))
    return [(absolute(start, path), names) for start, names in found if start]


def absolute(start, path):
    level = len(start) - len(start.lstrip("."))
    if level == 0:
        return start
    package = os.path.relpath(path, os.path.dirname(ROOT)).split("/")
    return ".".join(package[:-level] + [start[level:]] * (start[level:] != ""))


def closure(path):
    """The files of collections that a module needs; None when one needs more."""
    seen = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for start, names in imports(file):
            if not is_harmless(start, names):
                return None
            if start.startswith("ansible_collections."):
                full = [start] + ["%s.%s" % (start, name) for name in names]
                waiting.extend(filter(None, map(file_of, full)))
    return seen


@functools.lru_cache(maxsize=None)
def file_of(name):
    stem = os.path.join(os.path.dirname(ROOT), *name.split("."))
    for path in (stem + ".py", os.path.join(stem, "__init__.py")):
        if os.path.isfile(path):
            return path
    return None


def is_harmless(start, names):
    top = start.split(".")[0]
    full = {start} | {"%s.%s" % (start, name) for name in names}
    if top == "ansible_collections":
        return any(map(file_of, full))
    if top == "ansible":
        is_network = ".moves" in start and (
            SIX_NETWORK & set(names) or "request" in start
        )
        return not is_network and not full & ANSIBLE_NETWORK
    if start == "urllib.parse":
        return True
    return top not in NETWORK and top in sys.stdlib_module_names


def examples_in(path, name):
    """The arguments of its tasks in EXAMPLES, without those that hold templates."""
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "EXAMPLES":
            try:
                tasks = yaml.safe_load(ast.literal_eval(node.value))
            except (yaml.YAMLError, ValueError):
                return []
            found = arguments_in(tasks, {name, name.split(".", 2)[2]})
            return [args for args in found if "{{" not in json.dumps(args, default=str)]
    return []


def arguments_in(value, names):
    if isinstance(value, list):
        for each in value:
            yield from arguments_in(each, names)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in names and (each is None or isinstance(each, dict)):
                yield each or {}
            elif key in ("tasks", "block", "handlers", "pre_tasks", "post_tasks"):
                yield from arguments_in(each, names)


main()
