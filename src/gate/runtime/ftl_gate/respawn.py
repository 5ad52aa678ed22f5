# The path from which a module that restarts itself under another Python, as dnf
# and apt do, imports itself and its utils.
import os

from . import folder, memory_file, scratch


def make_path(call):
    module = call.module
    if not module.is_on_disk or call.gate is None:
        return archive(call)
    if module.tree.path == call.gate:
        return call.gate
    import atexit

    path = scratch.make(scratch.beside(call.gate), call)
    atexit.register(folder.remove, path)
    overlay(path + "/lib", [module.tree.path, call.gate])
    return path + "/lib"


def archive(call):
    """A zip in memory, for as long as this process waits for the other one."""
    import io
    import zipfile

    trees = [call.files, call.module.tree]
    if None in trees or any(tree.path for tree in trees):
        raise OSError("A part of this module is not on disk: it cannot be respawned")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, body in dict(trees[0].entries, **trees[1].entries).items():
            file.writestr(name, body)
    path = memory_file.make("modules", data.getvalue())
    if not path.startswith("/proc/"):
        raise OSError("This Python has no files in memory: it cannot respawn a module")
    return path.replace("/self/", "/%d/" % os.getpid())


def overlay(path, folders):
    """Makes a folder of links that merges several folders; earlier ones win."""
    os.mkdir(path)
    found = {}
    for each in folders:
        for name in os.listdir(each):
            found.setdefault(name, []).append(each + "/" + name)
    for name, paths in found.items():
        if len(paths) > 1 and os.path.isdir(paths[0]):
            overlay(path + "/" + name, paths)
        else:
            os.symlink(paths[0], path + "/" + name)
