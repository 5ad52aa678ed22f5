# One call as the gate sees it: a child in a session of its own, its output,
# its deadline and its end. All that waits is told to the loop as descriptors
# and times; nothing here blocks.
import codecs
import os
import time

from . import child, folder
from .frames import loads

LIMIT = {"stdout": 16 << 20, "stderr": 1 << 20, "control": 64 << 20}
GRACE = 5.0  # seconds from TERM to KILL
DRAIN = 0.1  # seconds that output may stay open behind its process
CHUNK = 1 << 16
TOO_LONG = {"type": "ValueError", "message": "It returned over 64 MiB", "traceback": ""}


class Output:
    """What came through one pipe: the first bytes of it, and how many more."""

    def __init__(self, name, fd, stream):
        self.name = name
        self.fd = fd
        self.chunks = []
        self.size = 0
        self.cut = 0
        self.unsent = [] if stream else None
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self):
        """Whether anything came; None when there is no more."""
        try:
            data = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return None
        room = LIMIT[self.name] - self.size
        self.size += min(room, len(data))
        self.cut += max(0, len(data) - room)
        if room > 0:
            self.chunks.append(data[:room])
        if self.unsent is not None:
            self.unsent.append(data)
        return True

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def text(self):
        return b"".join(self.chunks).decode("utf-8", "replace")

    def take_text(self):
        """What came since the last time, in whole characters."""
        data = b"".join(self.unsent or ())
        self.unsent = self.unsent and []
        return self.decoder.decode(data, self.fd is None)

    def take_lines(self):
        """The whole lines that came since the last time."""
        if not any(b"\n" in chunk for chunk in self.chunks[-1:]):
            return []
        lines = b"".join(self.chunks).split(b"\n")
        self.chunks = [lines.pop()]
        self.size = len(self.chunks[0])
        return lines


class Call:
    """A module with its arguments, on its way from request to result."""

    def __init__(self, ident, module, args, check=False, env=None):
        self.ident = ident
        self.module = module
        self.args = args
        self.check = check
        self.env = env or {}
        self.timeout = 0
        self.stream = False
        self.fresh = False
        self.after = None
        self.gate = None
        self.roots = []
        self.folder = None
        self.pid = None
        self.state = "ended"
        self.reason = None
        self.outputs = {}
        self.wait_status = None
        self.started = self.ended = None
        self.wake_at = self.kill_at = None
        self.killed = False
        self.left = []
        self.said = {}
        self.over = False

    def start(self, base):
        """Forks the child. `base`: the folder for files that it needs."""
        if self.module.needs_folder:
            self.folder = work_folder(base, self)
        pipes = {name: os.pipe() for name in LIMIT}
        self.started = time.monotonic()
        try:
            self.pid = os.fork()
        except OSError:
            for pair in pipes.values():
                os.close(pair[0])
                os.close(pair[1])
            self.clean()
            raise
        if self.pid == 0:
            try:
                child.run(self, *(pair[1] for pair in pipes.values()))
            finally:
                os._exit(70)
        for name, (reader, writer) in pipes.items():
            os.close(writer)
            os.set_blocking(reader, False)
            self.outputs[name] = Output(name, reader, self.stream)
        if self.timeout:
            self.wake_at = self.started + self.timeout

    def pipes(self):
        return [out for out in self.outputs.values() if out.fd is not None]

    def exited(self, wait_status):
        """The main process is gone."""
        self.wait_status = wait_status
        self.ended = time.monotonic()
        self.wake_at = self.ended + (DRAIN if self.state == "ended" else 0)
        self.settle()

    def settle(self):
        """The call is over when its process and its output have ended."""
        if self.state == "ended" and self.ended is not None and not self.pipes():
            self.over = True

    def end(self, state, reason):
        """Asks what runs to stop: TERM now, KILL when the grace is over."""
        if self.state == "ended" and self.ended is None:
            self.state = state
            self.reason = reason
            self.signal(15)
            now = time.monotonic()
            self.kill_at = now + GRACE
            self.wake_at = now + 0.02

    def wake(self, now):
        """The time that the call asked for has come."""
        if self.state == "ended":
            if self.ended is not None:
                self.drain()
            else:
                self.end("timed_out", "It ran for %g s and was ended" % self.timeout)
        elif not self.members():
            self.drain()
        elif now < self.kill_at:
            self.wake_at = min(now + 0.1, self.kill_at)
        elif not self.killed:
            self.killed = True
            self.signal(9)
            self.kill_at = now + 1
            self.wake_at = now + 0.02
        else:
            self.left = self.members()
            self.drain()

    def signal(self, number):
        for pid in [-self.pid, self.pid] + self.members():
            if pid != self.pid or self.ended is None:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass  # it has ended by itself

    def members(self):
        """What still runs in the call's session."""
        found = [self.pid] if self.ended is None else []
        try:
            names = os.listdir("/proc")
        except OSError:
            return found
        for name in names:
            if name.isdigit():
                try:
                    with open("/proc/%s/stat" % name, "rb") as file:
                        fields = file.read().rpartition(b")")[2].split()
                except OSError:
                    continue
                if int(fields[3]) == self.pid and fields[0] != b"Z":
                    found.append(int(name))
        return sorted(set(found))

    def drain(self):
        """Takes what the pipes still hold, and closes them: the call is over."""
        for out in self.pipes():
            while out.size < LIMIT[out.name] and out.read():
                pass
            out.close()
        self.over = True

    def clean(self):
        if self.folder is not None:
            folder.remove(self.folder)

    def hear(self):
        """What a native module reported since; what it returned is kept."""
        reports = []
        for line in self.outputs["control"].take_lines():
            try:
                said = loads(line)
                self.said.update(said)
            except ValueError:
                continue  # the module wrote to a descriptor that is not its own
            if "progress" in said:
                reports.append(said["progress"])
        return reports

    def result(self):
        """The data of the call's Result."""
        code = signal = None
        if self.wait_status is not None:
            if os.WIFSIGNALED(self.wait_status):
                signal = os.WTERMSIG(self.wait_status)
            else:
                code = os.WEXITSTATUS(self.wait_status)
        out, err = self.outputs["stdout"], self.outputs["stderr"]
        end = self.ended or time.monotonic()
        data = {
            "state": self.state,
            "rc": code,
            "signal": signal,
            "stdout": out.text(),
            "stderr": err.text(),
            "cut": {"stdout": out.cut, "stderr": err.cut},
            "duration_ms": round((end - self.started) * 1000, 1),
        }
        if self.reason:
            data["reason"] = self.reason
        if self.left:
            data["left"] = self.left
        self.hear()
        for name in ("value", "exception"):
            if name in self.said:
                data[name] = self.said[name]
        if "skipped" in self.said:
            data.update(state="skipped", reason=self.said["skipped"])
        elif self.outputs["control"].cut:
            data.update(rc=1, exception=dict(TOO_LONG))
        return data


def unstarted(state, reason):
    """The data of the Result of a call that never ran."""
    return {
        "state": state,
        "rc": None,
        "signal": None,
        "stdout": "",
        "stderr": "",
        "cut": {"stdout": 0, "stderr": 0},
        "duration_ms": 0,
        "reason": reason,
    }


def work_folder(base, call):
    """A new folder that only we can enter, for files of one call, or None where
    nothing can be written. For a binary module it is on a mount that may
    execute, where there is one."""
    name = "%s-%d-%d" % (os.uname()[1], os.getpid(), call.ident)
    places = [base] if base else []
    if call.module.kind == "binary" or not places:
        places += [path + "/host/calls" for path in folder.candidates()]
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
        host, _, rest = name.rpartition("-")[0].rpartition("-")
        if host == os.uname()[1] and rest.isdigit():
            try:
                os.kill(int(rest), 0)
            except ProcessLookupError:
                folder.remove(base + "/" + name)
            except OSError:
                pass  # it lives, and belongs to somebody else
