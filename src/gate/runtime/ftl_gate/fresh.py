# Calls in a new interpreter, which nothing was imported into.
import marshal
import os
import sys

from . import code_cache, frames, launch, memory_file

RESUME = (
    "import marshal,sys;sys.path[:]=filter(None,sys.path);file=open(sys.argv[1],'rb');"
    "kept=marshal.loads(file.read()[8:]);file.close();exec(kept[0]['code_cache']);"
    "sys.meta_path.insert(0,Codes(*kept));from ftl_gate import child,fresh;"
    "child.end(fresh.resume)"
)


def start(call):
    """Becomes the new interpreter. What it needs of us is on disk by then,
    unless there was no room for it."""
    module = call.module
    if not module.is_on_disk or not call.gate:
        raise SystemExit("A fresh interpreter needs the gate on disk")
    kept = call.gate + code_cache.FILE
    if not os.path.exists(kept):
        ours = __spec__.loader
        data = marshal.dumps((ours.sources, ours.known))
        kept = memory_file.make("gate", bytes(8) + data)
    job = [call.gate, module.root.path, module.name, call.args, call.settings]
    job += [call.check, call.folder]
    memory_file.give_stdin(frames.dumps(job).encode())
    os.execv(sys.executable, [sys.executable, "-c", RESUME, kept])


def resume():
    """The other half of it."""
    from . import child
    from .calls import Call
    from .modules import Library
    from .trees import Root

    with open(0, "rb", closefd=False) as file:
        gate, path, name, args, settings, check, place = frames.loads(file.read())
    child.give_no_stdin()
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or is closed to us
        here = ""
    sys.path[:] = [p for p in sys.path if p not in ("", here)]
    library = Library(Root(gate))
    library.packs[path] = Root(path)
    call = Call(None, library.find(name, path), args)
    call.settings, call.check, call.folder, call.gate = settings, check, place, gate
    library.prepare(call)
    launch.run(call)
