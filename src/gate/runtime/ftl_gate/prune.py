# Removes gates and packs from a host that are old or damaged.
import os
import time
from fcntl import LOCK_EX, LOCK_NB, flock

from . import folder

KEEP_DAYS = 30
KEEP = {"gates": 10, "packs": 200}


def prune(parent):
    """Makes room for one more: removes those that were not used for long or are
    one too many, unless a process holds them, and what a killed process left."""

    def age(path):
        try:
            return time.time() - os.stat(path).st_mtime
        except OSError:
            return 0  # it was removed in the meantime

    count = 0
    for seconds, path in sorted((age(e.path), e.path) for e in os.scandir(parent)):
        if os.path.basename(path).startswith("."):
            if seconds > 3600:
                discard(path)
            continue
        count += 1
        if seconds > KEEP_DAYS * 86400 or count >= KEEP[os.path.basename(parent)]:
            try:
                with open(path + folder.INDEX, "r+b") as file:
                    flock(file, LOCK_EX | LOCK_NB)
                    folder.remove(path)
            except FileNotFoundError:
                folder.remove(path)  # damaged, or removed in the meantime
            except OSError:
                pass  # in use


def discard(path):
    if os.path.isdir(path):
        return folder.remove(path)
    try:
        os.unlink(path)
    except OSError:
        pass  # another process was faster; or it stays


def replace(path, new):
    """Replaces a damaged gate or pack by `new`; one process at a time, so that
    none moves away what another has just repaired."""
    fd = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        try:
            flock(fd, LOCK_EX)
        except OSError:
            pass  # a file system without locks
        if not folder.hold(path):
            os.rename(path, new + ".old")
            os.rename(new, path)
    finally:
        os.close(fd)
        folder.remove(new + ".old")
