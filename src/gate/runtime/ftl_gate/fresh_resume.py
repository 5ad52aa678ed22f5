# Runs the call that fresh.py left on stdin, in the new interpreter.
import os
import sys

from . import child, frames, launch
from .calls import Call
from .modules import Library
from .trees import Tree


def main():
    with open(0, "rb", closefd=False) as file:
        gate, path, name, args, settings, *more = frames.loads(file.read())
    child.give_no_stdin()
    os.environ.pop("PYTHONHASHSEED", None)
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or we may not read it
        here = ""
    sys.path[:] = [p for p in sys.path if p not in ("", here)]
    library = Library(Tree(gate))
    library.packs[path] = Tree(path)
    call = Call(None, library.find(name, path), args)
    call.settings, call.gate = settings, gate
    call.check, call.folder, call.gate_pid = more
    library.prepare(call)
    launch.run(call)
