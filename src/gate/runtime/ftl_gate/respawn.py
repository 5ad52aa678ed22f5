# Where a module that starts itself anew under another Python, as dnf and apt do,
# imports itself and its utils from.
import os

from . import folder, scratch


def place(call):
    module = call.module
    if not module.is_on_disk or call.gate is None:
        raise OSError("This module is nowhere on disk: it cannot be respawned")
    if module.root.path == call.gate:
        return call.gate
    import atexit

    place = scratch.make(scratch.beside(call.gate), call)
    atexit.register(folder.remove, place)
    overlay(place + "/lib", [module.root.path, call.gate])
    return place + "/lib"


def overlay(path, folders):
    """Makes a folder of links that shows several as one; earlier ones win."""
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
