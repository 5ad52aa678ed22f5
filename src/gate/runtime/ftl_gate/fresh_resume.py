# Runs the call that fresh.py left on stdin, in the new interpreter.
import marshal
import os
import sys

from . import child, code_cache, folder, launch
from .calls import Call
from .modules import Library
from .trees import Tree


def main():
    with open(0, "rb", closefd=False) as file:
        job = marshal.loads(file.read())
    folder.may_write, trees, name, args, settings, *more = job
    child.give_no_stdin()
    code_cache.may_save = False
    os.environ.pop("PYTHONHASHSEED", None)
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or we may not read it
        here = ""
    sys.path[:] = [p for p in sys.path if p not in ("", here)]
    library = Library(Tree(*trees[0]))
    key = None
    if trees[1] is not None:
        key = "pack"
        library.keep(key, Tree(*trees[1]))
    call = Call(None, library.find(name, key), args)
    call.settings = settings
    call.check, call.folder, call.gate_pid = more
    library.prepare(call)
    launch.run(call)
