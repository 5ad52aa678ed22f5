# The folder from which a module that restarts itself under another Python, as dnf
# and apt do, imports itself and its utils.
import os

from . import folder, scratch


def make_folder(call):
    module = call.module
    if not module.is_on_disk or call.gate is None:
        raise OSError("This module is not on disk: it cannot be respawned")
    if module.tree.path == call.gate:
        return call.gate
    import atexit

    path = scratch.make(scratch.beside(call.gate), call)
    atexit.register(folder.remove, path)
    overlay(path + "/lib", [module.tree.path, call.gate])
    return path + "/lib"


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
