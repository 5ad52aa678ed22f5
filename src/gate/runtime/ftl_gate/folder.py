# Where gates and packs live on a host. Only we write below such a folder: it
# belongs to the effective user, no other user can write to it or replace it, and
# no link leads to it. src/core/shell/own_folder.ts has the same rule for sh. Part
# of the bootstrap.
import os

INDEX = "/.index"  # in each gate and pack: the files' sizes, and the manifest
may_write = True  # whether files of ours may be put on this host's disks


def candidates():
    """The folders to try, best first. Links above them are resolved once, here."""
    if not may_write:
        return
    for name, below in (("HOME", "/.ftl"), ("XDG_CACHE_HOME", "/ftl")):
        above = os.environ.get(name, "")
        if above.startswith("/"):
            yield os.path.realpath(above).rstrip("/") + below
    yield os.path.realpath("/var/tmp") + "/ftl-%d" % os.geteuid()
    yield os.path.realpath("/tmp") + "/ftl-%d" % os.geteuid()


def is_ours(path):
    """Whether a folder exists, or can be made, that only we can write to, in our
    own or one like /tmp, below folders that only we and root can change."""
    uid = os.geteuid()
    try:
        above = parent = os.path.dirname(path)
        while True:
            found = os.lstat(above)
            is_sticky = found.st_uid == 0 and found.st_mode & 0o1000
            owners = (uid,) if above == parent else (0, uid)
            if not is_sticky and (found.st_uid not in owners or found.st_mode & 0o022):
                return False
            if above == "/":
                break
            above = os.path.dirname(above)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            found = os.fstat(fd)
            if found.st_uid != uid or found.st_mode & 0o022:
                return False
            if found.st_mode & 0o077:
                os.fchmod(fd, 0o700)
            return True
        finally:
            os.close(fd)
    except OSError:
        return False


def find(kind, key):
    """The path of the unpacked gate or pack `key`, held; or None."""
    for folder in candidates():
        path = "%s/host/%s/%s" % (folder, kind, key)
        if os.path.isdir(path) and is_ours(folder) and hold(path):
            return path
    return None


def hold(path):
    """Whether a gate or pack is complete. No process then removes it while this
    one has a certain descriptor, which stays open on purpose."""
    from fcntl import LOCK_NB, LOCK_SH, flock

    try:
        fd = os.open(path + INDEX, os.O_RDONLY)
    except OSError:
        return False
    try:
        flock(fd, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return False  # it is being removed
    except OSError:
        pass  # a file system without locks
    try:
        with open(fd, "rb", closefd=False) as file:
            head, *lines, manifest = file.read().split(b"\0")
        is_complete = head == b"%d %d" % (len(lines), len(manifest)) and all(
            os.stat(path + "/" + os.fsdecode(name)).st_size == int(size)
            for size, _, name in (line.partition(b" ") for line in lines)
        )
        if is_complete:
            os.utime(path)
    except (OSError, ValueError):
        is_complete = False
    if not is_complete:
        os.close(fd)
    return is_complete


def local(name):
    """An entry's name for system calls, whatever the locale."""
    return os.fsdecode(name.encode())


def remove(path):
    """Removes a folder and everything in it, as far as possible."""
    for parent, folders, files in os.walk(path, topdown=False):
        for name in folders + files:
            each = parent + "/" + name
            is_folder = os.path.isdir(each) and not os.path.islink(each)
            try:
                (os.rmdir if is_folder else os.unlink)(each)
            except OSError:
                pass  # it stays, and so do its parents
    try:
        os.rmdir(path)
    except OSError:
        pass
