# Files in memory: for hosts where no folder can be written, and for stdin.
import os


def make(name, data):
    """A path that is valid in this process and in the program that it becomes."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        return "/proc/self/fd/%d" % fd
    fd = fill_pipe(data)
    if fd is None:
        raise SystemExit("No folder on this host can be written, or its disk is full")
    os.set_inheritable(fd, True)
    return "/dev/fd/%d" % fd


def fill_pipe(data):
    """The end of a pipe that holds exactly these bytes; None if it is too small."""
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


def give_stdin(data):
    """Makes descriptor 0 hold exactly these bytes."""
    fd = fill_pipe(data)
    if fd is None:
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("stdin")
        else:
            from tempfile import TemporaryFile

            with TemporaryFile() as file:
                fd = os.dup(file.fileno())
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(fd, 0, os.SEEK_SET)
    os.dup2(fd, 0)
    os.close(fd)
