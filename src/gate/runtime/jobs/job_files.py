# Where jobs and their results are: in Ansible's folder and format, so that either
# reads the jobs of the other. What only ftl knows of a job is below `.ftl` there.
import os
import re

from . import folder, module_output
from .frames import dumps

NAME = re.compile(r"j?\d+\.\d+$")
ABOUT = "/.ftl/"
ENDED = "The job was cancelled, or ended by the shutdown of its host"
RUNNING = {"started": 1, "finished": 0}  # what Ansible writes until there is a result


def locate(name):
    """The path of the folder of jobs; ValueError if it is not absolute."""
    if name == "~" or name.startswith("~/"):
        name = home() + name[1:]
    path = os.path.expanduser(name)
    if not path.startswith("/"):
        raise ValueError("%s is not an absolute path" % name)
    above, base = os.path.split(path.rstrip("/"))
    return os.path.realpath(above).rstrip("/") + "/" + base


def home():
    """HOME, unless it is another user's, as under a sudo that keeps it."""
    path = os.environ.get("HOME", "")
    try:
        if os.stat(path).st_uid == os.geteuid():
            return path
    except OSError:
        pass
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_dir


def check(path):
    """ValueError if other users could change the folder; makes it if it is missing."""
    wanted = [path + ABOUT.rstrip("/"), path]
    while not os.path.lexists(os.path.dirname(wanted[-1])):
        wanted.append(os.path.dirname(wanted[-1]))
    # Each is made only below what no other user can change.
    for each in reversed(wanted):
        if not folder.is_ours(each):
            raise ValueError("%s is not a folder that only we can change" % each)


def read(path):
    """The object in a file; None if there is no such file, or no object in it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with open(fd, "rb") as file:
            return module_output.parse(file.read().decode("utf-8", "surrogateescape"))
    except OSError:
        return None


def write(path, value):
    """Writes or replaces a file whole; it is ours alone."""
    new = "%s/.%s.%s" % (os.path.dirname(path), os.getpid(), os.urandom(4).hex())
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(dumps(value).encode())
        os.rename(new, path)
    except OSError:
        os.unlink(new)
        raise


def boot():
    """What tells this start of this host from all others; None if it does not."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return None


def birth(pid):
    """When a process was started, in ticks since the boot; None if it has ended, or
    the host does not tell."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def is_alive(pid, born):
    """Whether the process that was born so still runs."""
    if born is not None:
        return birth(pid) == born
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
