# Starts a call in a new interpreter, into which nothing was imported.
# fresh_resume.py is what runs there.
import os
import sys

from . import code_cache, frames, memory_file

RESUME = (
    "import marshal,sys;sys.path[:]=filter(None,sys.path);file=open(sys.argv[1],'rb');"
    "kept=marshal.loads(file.read()[8:]);file.close();exec(kept[0]['code_cache']);"
    "sys.meta_path.insert(0,CodeCache(*kept));from ftl_gate import child,fresh_resume;"
    "child.end(fresh_resume.main)"
)


def start(call):
    """Replaces this process by the new interpreter. By now the runtime is on disk,
    unless there was no room for it."""
    module = call.module
    if not module.is_on_disk or not call.gate:
        raise SystemExit("A fresh interpreter needs the gate on disk")
    path = call.gate + code_cache.FILE
    if not os.path.exists(path):
        path = memory_file.make("gate", bytes(8) + __spec__.loader.dump())
    job = [call.gate, module.tree.path, module.name, call.args, call.settings]
    job += [call.check, call.folder, call.gate_pid]
    memory_file.give_stdin(frames.dumps(job).encode())
    os.environ["PYTHONHASHSEED"] = "0"  # as in the gate
    os.execv(sys.executable, [sys.executable, "-c", RESUME, path])
