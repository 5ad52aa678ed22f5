# Files that a call needs while it runs, in a folder of its own beside the gates,
# which only we can enter.
import os

from . import folder


def make(base, call):
    """A new folder for one call, or None if no folder can be written. For a
    binary module it is on a mount that allows execution, if there is one."""
    name = "%s-%d-%s" % (here(), os.getpid(), call.ident)
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
                    continue  # full or read-only: try the next
        return None
    finally:
        os.umask(umask)


def beside(gate):
    """The folder of the folders of calls, beside the gates; None if the gate is in
    memory."""
    return gate and os.path.dirname(os.path.dirname(gate)) + "/calls"


def shared(gate, pid):
    """The folder for temporary files of a gate's modules. The gate removes it at
    its end, so that nothing is left of a module that was killed."""
    return gate and "%s/%s-%d-shared" % (beside(gate), here(), pid)


def here():
    """This host, and where its process ids are valid: several containers of one
    name may share a HOME. src/core/shell/transfer.ts says it in sh."""
    try:
        space = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        space = ""  # not Linux
    return "%s.%s" % (os.uname()[1], space)


def forbids_execution(path):
    while path and not os.path.isdir(path):
        path = path.rpartition("/")[0]
    try:
        return bool(os.statvfs(path or "/").f_flag & getattr(os, "ST_NOEXEC", 0))
    except OSError:
        return True


def clean(base):
    """Removes what gates that were killed on this host left."""
    try:
        names = os.listdir(base)
    except OSError:
        return  # no call has used a folder yet
    for name in names:
        host, _, pid = name.rpartition("-")[0].rpartition("-")
        if host == here() and pid.isdigit():
            try:
                if int(pid) != os.getpid():  # else it is from before a reboot
                    os.kill(int(pid), 0)
                    continue
            except ProcessLookupError:
                pass
            except OSError:
                continue  # it runs as another user
            folder.remove(base + "/" + name)


def write(call, name, data, mode=0o600):
    """A new file that the call needs, and the path of it. It is in memory if no
    folder can be written or its disk is full."""
    if call.folder is not None:
        path = call.folder + "/" + folder.local(name)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(fd, "wb") as file:
                file.write(data)
            return path
        except OSError as error:
            from errno import EDQUOT, ENOSPC

            if error.errno not in (ENOSPC, EDQUOT):
                raise
    from . import memory_file

    return memory_file.make(name, data)
