# Files in memory: for hosts where no folder can or may be written, and for stdin.
import os

# memfd_create() of Linux 6.3 and later, whose vm.memfd_noexec may ask for one.
NOT_EXECUTABLE, EXECUTABLE = 8, 16
PIPE = 1 << 16  # bytes that a pipe has room for


def make(name, data, kind=NOT_EXECUTABLE):
    """A path that is valid in this process and in the program that it becomes. It
    can be read once where Python has no files in memory (before 3.8, not Linux)."""
    fd = memory(name, kind)
    if fd is None:
        fd = pipe_of(data)
        os.set_inheritable(fd, True)
        return "/dev/fd/%d" % fd
    os.set_inheritable(fd, True)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
    return "/proc/self/fd/%d" % fd


def memory(name, kind):
    """The descriptor of an empty file in memory; None where there are none."""
    if hasattr(os, "memfd_create"):
        for flags in (kind, 0):
            try:
                return os.memfd_create(name, flags)
            except OSError:
                pass  # an older Linux, or one that forbids it
    return None


def pipe_of(data):
    """The end of a pipe that gives exactly these bytes. What has no room in it is
    written by a process of its own, which ends when nobody reads."""
    fd, end = os.pipe()
    os.set_blocking(end, False)
    size = os.write(end, data) if data else 0
    if size < len(data):
        pid = os.fork()
        if pid == 0:
            try:
                if os.fork() == 0:
                    feed(end, data[size:])
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
    os.close(end)
    return fd


def feed(end, data):
    import _signal

    from . import child

    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    os.closerange(0, end)  # the call ends when nobody holds its output
    child.close_from(end + 1)
    os.set_blocking(end, True)
    while data:
        data = data[os.write(end, data) :]


def give_stdin(data):
    """Makes descriptor 0 give exactly these bytes."""
    fd = None if len(data) <= PIPE else memory("stdin", NOT_EXECUTABLE)
    if fd is None:
        fd = pipe_of(data)
    else:
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(fd, 0, os.SEEK_SET)
    os.dup2(fd, 0)
    os.close(fd)
