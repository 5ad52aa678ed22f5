# Where Python imports packages from: its own, those in gates and packs, and those
# of the host, in this order.
import os
import sys

PYTHON = "%d.%d" % sys.version_info[:2]
STDLIB = os.path.dirname(os.__file__) + "/"


def add(tree):
    """Adds the packages of a tree on disk to sys.path, after Python's own and
    before those of the host. (Those of a tree in memory come last: finder.py.)"""
    if tree.path is None:
        return
    own = [at for at, path in enumerate(sys.path) if is_stdlib(path + "/")]
    after = max(own, default=-1) + 1
    paths = [tree.path + "/" + name for name in folders(tree)]
    sys.path[after:after] = [path for path in paths if os.path.isdir(path)]


def folders(tree):
    """The folders of packages in a tree: for every Python, and for this one."""
    return ["site"] + tree.manifest.get("site", {}).get(PYTHON, [])


def is_stdlib(path):
    """Whether a file or a folder belongs to Python's own library."""
    return path.startswith(STDLIB) and "-packages/" not in path


def stamps():
    """A stamp of every folder that is imported from."""
    return {path: stamp(path) for path in sys.path}


def stamp(path):
    """Changes when a file is replaced, or the entries of a folder change."""
    try:
        found = os.stat(path)
        return found.st_ino, found.st_mtime
    except OSError:
        return None
