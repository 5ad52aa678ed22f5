# Starts a call in a new interpreter, into which nothing was imported.
# fresh_resume.py is what runs there.
import marshal
import os
import sys

from . import code_cache, folder, memory_file

RESUME = (
    "import marshal,sys;sys.path[:]=filter(None,sys.path);import zlib;"
    "file=open(sys.argv[1],'rb');kept=marshal.loads(file.read()[8:]);file.close();"
    "exec(zlib.decompress(kept[0]['code_cache'],-15));"
    "sys.meta_path.insert(0,CodeCache(*kept));from ftl_gate import child,fresh_resume;"
    "child.end(fresh_resume.main)"
)


def start(call):
    """Replaces this process by the new interpreter. By now the runtime is on disk,
    unless there was no room for it or the gate is in memory."""
    module = call.module
    path = (call.gate or "") + code_cache.FILE
    if not call.gate or not code_cache.load(call.gate):
        path = memory_file.make("gate", bytes(8) + __spec__.loader.dump())
    trees = [(tree.path, tree.entries) for tree in (call.files, module.tree)]
    if module.tree is call.files:
        trees[1] = None
    job = [folder.may_write, trees, module.name, call.args, call.settings]
    job += [call.check, call.folder, call.gate_pid]
    memory_file.give_stdin(marshal.dumps(job))
    os.environ["PYTHONHASHSEED"] = "0"  # as in the gate
    options = [] if folder.may_write else ["-B"]
    os.execv(sys.executable, [sys.executable] + options + ["-c", RESUME, path])
