# Holds a file in memory on a host, for as long as stdin stays open. The first line
# of stdin is this source, as the argument of one `exec`; the content follows it.
# Prints the path of the file. A program is in no folder, because those in memory
# often forbid execution; modules resolve links, so for them a file needs one.
import os
import signal
import sys

try:
    here = os.getcwd()
except OSError:  # it was removed, or we may not read it
    here = ""
sys.path[:] = [p for p in sys.path if p not in ("", here)]
sys.dont_write_bytecode = True
FOLDER = "/dev/shm"


def program():
    """The descriptor and the path of an empty file that has no name."""
    fd = None
    if hasattr(os, "memfd_create"):
        for flags in (16, 0):  # executable, where Linux wants to be told (6.3)
            try:
                fd = os.memfd_create("ftl", flags)
                break
            except OSError:
                pass
    else:  # before Python 3.8
        try:
            import ctypes

            fd = ctypes.CDLL(None).memfd_create(b"ftl", 0)
        except (ImportError, AttributeError, OSError):
            pass
    if fd is None or fd < 0:
        raise OSError("it has no memfd_create()")
    return fd, "/proc/%d/fd/%d" % (os.getpid(), fd)


def data_file():
    """The same for a file in a new folder, which only this user can enter."""
    if not os.path.ismount(FOLDER):
        raise OSError("it has no " + FOLDER)
    path = FOLDER + "/ftl-" + "".join("%02x" % byte for byte in os.urandom(8))
    os.mkdir(path, 0o700)
    made.append(path)
    path += "/file"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    made.append(path)
    return fd, path


def hold(size, mode):
    fd, path = program() if mode & 0o100 else data_file()
    os.fchmod(fd, mode)
    while size:
        data = os.read(0, min(size, 1 << 16))
        if not data:
            return
        size -= len(data)
        while data:
            data = data[os.write(fd, data) :]
    say("path " + path)
    while os.read(0, 1 << 16):
        pass


def say(text):
    os.write(1, ("ftl-%s-%s\n" % (sys.argv[1], text)).encode())


def stop(number, frame):
    raise SystemExit(1)


def remove():
    for path in reversed(made):
        try:
            (os.rmdir if path is made[0] else os.unlink)(path)
        except OSError:
            pass  # a module has moved it


made = []
for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(each, stop)
try:
    hold(int(sys.argv[2]), int(sys.argv[3]))
except OSError as error:
    say("fail %s" % error)
finally:
    remove()
