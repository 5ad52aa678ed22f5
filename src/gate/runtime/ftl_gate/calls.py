# One call as the gate sees it: a child in a session of its own, its output, its
# deadline and its end. The loop learns what to wait for as descriptors and times;
# nothing here blocks.
import _signal
import os
import time

from . import child, folder, launch, scratch
from .frames import MAX_BODY, loads
from .output import CHUNK, LIMITS, MAX_EXCEPTION, MAX_STDOUT, Output

DRAIN = 0.1  # seconds that output may stay open after its process ended
MAX_REST = 8 << 20  # characters of a result besides its stdout and its value


class Call:
    """A module with its arguments, from request to result."""

    def __init__(self, ident, module, args):
        self.ident = ident
        self.module = module
        self.args = args
        self.env = {}
        self.settings = None  # what Ansible's controller would add to the arguments
        self.max_output = MAX_STDOUT
        self.check = self.stream = self.fresh = False
        self.timeout = 0  # seconds; 0 for none
        self.after = None  # the id of the call that it waits for
        self.job = None  # starts it in the background
        self.gate = None  # the folder of the gate
        self.files = None  # the files of the gate: a Tree
        self.gate_pid = None  # the parent of a call may have been killed
        self.has_basic = False  # whether there is an ansible-core to run it with
        self.folder = None
        self.pid = None
        self.state = "ended"
        self.reason = None
        self.outputs = {}
        self.wait_status = None
        self.started = self.ended = None
        self.wake_at = self.kill_at = None
        self.is_killed = self.is_over = False
        self.left = []
        self.reported = {}
        self.longest = 0  # length of the longest line that it reported

    def start(self):
        """Forks the child."""
        if self.module.kind not in ("new", "native"):
            self.folder = scratch.make(scratch.beside(self.gate), self)
        self.gate_pid = os.getpid()
        pipes = []
        # Until the child has handlers of its own, its signals would be ours.
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, child.SIGNALS)
        try:
            for _ in LIMITS:
                pipes.append(os.pipe())
            self.started = time.monotonic()
            self.pid = os.fork()
            if self.pid == 0:
                try:
                    writers = [writer for _, writer in pipes]
                    child.run(lambda: launch.start(self), writers, mask)
                finally:
                    os._exit(70)
        except OSError:
            for pair in pipes:
                os.close(pair[0])
            self.clean()
            raise
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
            for pair in pipes:
                os.close(pair[1])
        limits = dict(LIMITS, stdout=self.max_output)
        for name, (reader, _) in zip(LIMITS, pipes):
            streams = self.stream and name != "control"
            self.outputs[name] = Output(name, reader, limits[name], streams)
        if self.timeout:
            self.wake_at = self.started + self.timeout

    def open_outputs(self):
        return [out for out in self.outputs.values() if out.fd is not None]

    def is_small(self):
        """Whether its result never has to wait for others on the link."""
        return sum(out.size for out in self.outputs.values()) < CHUNK

    def exited(self, wait_status):
        """Notes that the main process has ended."""
        self.wait_status = wait_status
        self.ended = time.monotonic()
        self.wake_at = self.ended + (DRAIN if self.state == "ended" else 0)
        self.settle()

    def settle(self):
        """Ends the call if its process and its output have ended."""
        has_ended = self.ended is not None and not self.open_outputs()
        if self.state == "ended" and has_ended:
            self.is_over = True

    def end(self, state, reason):
        """Asks its processes to stop."""
        from . import terminate

        terminate.end(self, state, reason)

    def wake(self, now):
        """Does what the call planned for this time."""
        if self.state == "ended" and self.ended is not None:
            self.drain()
        else:
            from . import terminate

            terminate.wake(self, now)

    def drain(self):
        """Reads what the pipes still hold, closes them, and ends the call."""
        for out in self.open_outputs():
            out.drain()
        self.is_over = True

    def clean(self):
        if self.folder is not None:
            folder.remove(self.folder)

    def take_progress(self):
        """The progress that a native module reported since the last time. The
        rest of its report is kept."""
        progress = []
        for line in self.outputs["control"].take_lines():
            try:
                report = loads(line)
            except ValueError:
                continue  # the module wrote to a descriptor that is not its own
            if not isinstance(report, dict):
                continue
            if "progress" in report:
                progress.append(report.pop("progress"))
            self.reported.update(report)
            self.longest = max(self.longest, len(line))
        return progress

    def result(self):
        """The data of the call's Result."""
        self.take_progress()
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
            "stdout": out.text(MAX_BODY - MAX_REST - self.longest),
            "stderr": err.text(MAX_REST),
            "cut": {"stdout": out.cut, "stderr": err.cut},
            "duration_ms": round((end - self.started) * 1000, 1),
        }
        if self.reason:
            data["reason"] = self.reason
        if self.left:
            data["left"] = self.left
        if "skipped" in self.reported:
            reason = str(self.reported["skipped"])
            data.update(state="skipped", rc=None, reason=reason)
        if "value" in self.reported:
            data["value"] = self.reported["value"]
        raised = self.reported.get("exception")
        if isinstance(raised, dict):
            data["exception"] = {
                name: str(raised.get(name))[:MAX_EXCEPTION]
                for name in ("type", "message", "traceback")
            }
        return data


def not_started(state, reason):
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
