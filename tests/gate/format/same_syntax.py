"""Compares pairs of sources: their syntax, and the line of each node."""
import ast
import json
import sys


def dump(text):
    return ast.dump(ast.parse(text), include_attributes=True)


pairs = json.load(sys.stdin)
json.dump([dump(one) == dump(other) for one, other in pairs], sys.stdout)
