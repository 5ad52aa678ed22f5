# One call as the gate sees it: a child in a session of its own, its output,
# its deadline and its end. All that waits is told to the loop as descriptors
# and times; nothing here blocks.
import _signal
import os
import time

from . import child, folder, scratch
from .frames import MAX_BODY, loads
from .output import CHUNK, LIMIT, Output

DRAIN = 0.1  # seconds that output may stay open behind its process
OTHERS = 8 << 20  # characters of a result besides its stdout and its value
LONGEST = 500000  # characters of an exception's text


class Call:
    """A module with its arguments, on its way from request to result."""

    def __init__(self, ident, module, args):
        self.ident = ident
        self.module = module
        self.args = args
        self.env = {}
        self.settings = None  # what Ansible's controller would add to the arguments
        self.check = self.stream = self.fresh = False
        self.timeout = 0  # seconds; 0: none
        self.after = None  # the id of the call that it waits for
        self.gate = None  # where the gate is unpacked
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
        self.said = {}
        self.longest = 0  # of what it said

    def start(self):
        """Forks the child."""
        if self.module.kind not in ("new", "native"):
            self.folder = scratch.make(scratch.beside(self.gate), self)
        pipes = []
        # Until it has its own handlers, a signal to the child would be ours.
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, child.SIGNALS)
        try:
            for _ in LIMIT:
                pipes.append(os.pipe())
            self.started = time.monotonic()
            self.pid = os.fork()
            if self.pid == 0:
                try:
                    child.run(self, [writer for _, writer in pipes], mask)
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
        for name, (reader, _) in zip(LIMIT, pipes):
            streams = self.stream and name != "control"
            self.outputs[name] = Output(name, reader, streams)
        if self.timeout:
            self.wake_at = self.started + self.timeout

    def pipes(self):
        return [out for out in self.outputs.values() if out.fd is not None]

    def is_small(self):
        """Whether its result never has to wait for others on the link."""
        return sum(out.size for out in self.outputs.values()) < CHUNK

    def exited(self, wait_status):
        """The main process is gone."""
        self.wait_status = wait_status
        self.ended = time.monotonic()
        self.wake_at = self.ended + (DRAIN if self.state == "ended" else 0)
        self.settle()

    def settle(self):
        """The call is over when its process and its output have ended."""
        if self.state == "ended" and self.ended is not None and not self.pipes():
            self.is_over = True

    def end(self, state, reason):
        """Asks what runs to stop."""
        from . import terminate

        terminate.end(self, state, reason)

    def wake(self, now):
        """The time that the call asked for has come."""
        if self.state == "ended" and self.ended is not None:
            self.drain()
        else:
            from . import terminate

            terminate.wake(self, now)

    def drain(self):
        """Takes what the pipes still hold, and closes them: the call is over."""
        for out in self.pipes():
            out.drain()
        self.is_over = True

    def clean(self):
        if self.folder is not None:
            folder.remove(self.folder)

    def hear(self):
        """What a native module reported since; the rest of what it said is kept."""
        reports = []
        for line in self.outputs["control"].take_lines():
            try:
                said = loads(line)
            except ValueError:
                continue  # it wrote to a descriptor that is not its own
            if not isinstance(said, dict):
                continue
            if "progress" in said:
                reports.append(said.pop("progress"))
            self.said.update(said)
            self.longest = max(self.longest, len(line))
        return reports

    def result(self):
        """The data of the call's Result."""
        self.hear()
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
            "stdout": out.text(MAX_BODY - OTHERS - self.longest),
            "stderr": err.text(OTHERS),
            "cut": {"stdout": out.cut, "stderr": err.cut},
            "duration_ms": round((end - self.started) * 1000, 1),
        }
        if self.reason:
            data["reason"] = self.reason
        if self.left:
            data["left"] = self.left
        if "skipped" in self.said:
            data.update(state="skipped", rc=None, reason=str(self.said["skipped"]))
        if "value" in self.said:
            data["value"] = self.said["value"]
        raised = self.said.get("exception")
        if isinstance(raised, dict):
            data["exception"] = {
                name: str(raised.get(name))[:LONGEST]
                for name in ("type", "message", "traceback")
            }
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
