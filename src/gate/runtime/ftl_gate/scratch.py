# Files that a call needs for as long as it runs: a folder of its own that only
# we can enter, beside the gates; or files in memory where nothing can be written.
import os

from . import folder


def make(base, call):
    """A new folder for one call, or None where nothing can be written. For a
    binary module it is on a mount that may execute, where there is one."""
    name = "%s-%d-%s" % (os.uname()[1], os.getpid(), call.ident)
    places = [base] if base else []
    if call.module.kind == "binary" or not places:
        places += [path + "/host/calls" for path in folder.candidates()]
    if call.module.kind == "binary":
        places.sort(key=forbids_execution)
    umask = os.umask(0o077)
    try:
        for place in places:
            if folder.is_ours(place.rpartition("/host/")[0]):
                try:
                    os.makedirs(place + "/" + name)
                    return place + "/" + name
                except OSError:
                    continue  # full or read-only: the next may do
        return None
    finally:
        os.umask(umask)


def beside(root):
    """Where calls keep files: beside the gates. None: nothing can be written."""
    return root and os.path.dirname(os.path.dirname(root)) + "/calls"


def shared(root, pid):
    """The folder for what a gate's modules put aside while they run. It ends
    with the gate, so that nothing is left of a module that was killed."""
    return root and "%s/%s-%d-shared" % (beside(root), os.uname()[1], pid)


def open_shared(root, pid):
    """The same, for use; None: nothing can be written."""
    path = shared(root, pid)
    try:
        if path:
            os.makedirs(path, 0o700, exist_ok=True)
        return path
    except OSError:
        return None


def forbids_execution(path):
    while path and not os.path.isdir(path):
        path = path.rpartition("/")[0]
    try:
        return bool(os.statvfs(path or "/").f_flag & getattr(os, "ST_NOEXEC", 0))
    except OSError:
        return True


def sweep(base):
    """Removes what gates that were killed on this host left behind."""
    try:
        names = os.listdir(base)
    except OSError:
        return  # no call has needed a folder yet
    for name in names:
        host, _, pid = name.rpartition("-")[0].rpartition("-")
        if host == os.uname()[1] and pid.isdigit():
            try:
                if int(pid) != os.getpid():  # else ours, from before a reboot
                    os.kill(int(pid), 0)
                    continue
            except ProcessLookupError:
                pass
            except OSError:
                continue  # it lives, and belongs to somebody else
            folder.remove(base + "/" + name)


def write(call, name, data):
    """A file that the call needs, and the path of it."""
    if call.folder is None:
        return in_memory(name, data)
    path = call.folder + "/" + folder.local(name)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    with open(fd, "wb") as file:
        file.write(data)
    return path


def in_memory(name, data):
    """A file without a place: a path that is good in this process and in the
    program that it becomes."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        return "/proc/self/fd/%d" % fd
    fd = fill_pipe(data)
    if fd is None:
        raise SystemExit("No folder on this host can be written to")
    os.set_inheritable(fd, True)
    return "/dev/fd/%d" % fd


def fill_pipe(data):
    """The end of a pipe that holds just these bytes; None: it takes fewer."""
    fd, end = os.pipe()
    os.set_blocking(end, False)
    try:
        if not data or os.write(end, data) == len(data):
            return fd
    except BlockingIOError:
        pass
    finally:
        os.close(end)
    os.close(fd)
    return None


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
