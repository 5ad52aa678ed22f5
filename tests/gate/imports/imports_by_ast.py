"""Reads paths, one a line, and prints the imports of module utils in each file
as CPython's own parser sees them: [module, names, line, guarded]."""

import ast
import json
import sys

GUARDS = (ast.Try, ast.If)


def relevant(module):
    return module.startswith((".", "ansible_collections.")) or (
        module == "ansible.module_utils" or module.startswith("ansible.module_utils.")
    )


def visit(node, guarded, found):
    if isinstance(node, ast.Import):
        for alias in node.names:
            if relevant(alias.name):
                found.append([alias.name, [], node.lineno, guarded])
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        if relevant(module):
            names = [alias.name for alias in node.names]
            found.append([module, names, node.lineno, guarded])
    if isinstance(node, ast.If) and is_type_checking(node.test):
        children = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        visit(child, guarded or isinstance(node, GUARDS), found)


def is_type_checking(test):
    name = getattr(test, "id", getattr(test, "attr", None))
    return name == "TYPE_CHECKING"


result = {}
for path in sys.stdin.read().splitlines():
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    result[path] = []
    visit(tree, False, result[path])
json.dump(result, sys.stdout)
