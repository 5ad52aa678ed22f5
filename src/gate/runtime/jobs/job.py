# Runs a call in the background. Its process is a child of the gate that has left
# the gate, its session and its link: a gate of one call, whose session writes the
# result to a file. It ends by itself; nothing else does, except its time limit,
# `ftl jobs cancel`, and the end of the host.
import os
import time

from . import folder, job_files, module_output, scratch, terminate
from .frames import dumps, expect
from .gate import wake_on_signals

MASK = "********"
RETRIES = 12  # at writing a result, for a disk that is full
PAUSE = 5  # seconds between them


class Job:
    """`id`: the part of the job's name that the controller has chosen; `seconds`:
    its time limit; `hidden`: texts that its result must not hold."""

    is_watched = False

    def __init__(self, gate, wanted):
        self.gate = gate
        self.id = expect(wanted, "id", str)
        self.module = expect(wanted, "module", str)
        self.seconds = expect(wanted, "seconds", (int, float))
        self.folder = expect(wanted, "folder", str)
        self.hidden = expect(wanted, "hidden", list, [])
        self.no_log = expect(wanted, "no_log", bool, False)
        self.name = self.path = self.about = self.pid = None

    def start(self, call):
        """Starts the job, and prints what Ansible prints for one."""
        try:
            path = job_files.locate(self.folder)
            job_files.check(path)
            reader, writer = os.pipe()
            if not os.fork():
                try:
                    os.close(reader)
                    self.supervise(call, path, writer)
                except (OSError, ValueError) as error:
                    os.write(writer, refusal(error))
                finally:
                    os._exit(70)
            os.close(writer)
            answer = os.read(reader, 1 << 16)
            if not answer:
                raise ValueError("its process ended at once")
        except (OSError, ValueError) as error:
            answer = refusal(error)
        os.write(1, answer)

    def supervise(self, call, path, ready):
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in range(4):
            os.dup2(null, fd)
        os.close(null)
        self.name = "%s.%d" % (self.id, os.getpid())
        self.path = path + "/" + self.name
        show("ftl job %s: %s" % (self.name, self.module))
        for each in (call.gate, call.module.tree.path):
            if each:
                folder.hold(each)  # so that no gate removes what the job imports
        self.about = {
            "pid": os.getpid(),
            "born": job_files.birth(os.getpid()),
            "host": os.uname()[1],
            "boot": job_files.boot(),
            "module": self.module,
            "seconds": self.seconds,
            "started": time.time(),
        }
        self.note()
        running = dict(job_files.RUNNING, ansible_job_id=self.name)
        job_files.write(self.path, running)
        answer = dict(running, changed=True, results_file=self.path)
        try:
            self.detach(call)
            os.write(ready, dumps(answer).encode())
            os.close(ready)
            self.gate.loop(b"")
        except BaseException as error:  # our own defect: the result says so
            if call.pid:
                terminate.signal(call, 9)
            self.failed(call, "The job's own process failed: %r" % error)
        folder.remove(scratch.shared(call.gate, os.getpid()) or "")
        os._exit(0)

    def detach(self, call):
        """Makes this copy of the gate one that has the call and nothing else."""
        gate = self.gate
        gate.session, gate.finish = self, True
        gate.is_input_open = False
        gate.writer.close()
        gate.running.clear()
        gate.waiting.clear()
        gate.wakeup = wake_on_signals()
        call.job, call.timeout, call.stream = None, self.seconds, False
        gate.submit(call)
        gate.start_calls()
        gate.close(0)
        if call.pid:
            self.about.update(child=call.pid, child_born=job_files.birth(call.pid))
            self.note()

    def note(self):
        """Writes what is known of the job."""
        job_files.write(
            os.path.dirname(self.path) + job_files.ABOUT + self.name, self.about
        )

    # What a gate asks of its session.
    def output(self, call, out):
        if out.name == "control":
            call.take_progress()

    def not_run(self, call, reason):
        self.failed(call, reason)

    def failed(self, call, text):
        self.finish({"failed": True, "msg": text})

    def done(self, call):
        self.finish(outcome(call.result(), self.seconds))

    def finish(self, value):
        if self.no_log:
            kept = ("changed", "failed", "skipped", "rc")
            value = {name: value[name] for name in kept if name in value}
            value["censored"] = "Hidden by no_log"
        value = masked(value, self.hidden)
        value.pop("started", None)  # it would mean that the job runs
        for _ in range(RETRIES):
            try:
                job_files.write(self.path, value)
                self.about["ended"] = time.time()
                return self.note()
            except OSError:
                time.sleep(PAUSE)
            except (TypeError, ValueError) as error:
                value = {"failed": True, "msg": "The result is not JSON: %s" % error}


def refusal(error):
    text = "Cannot start the job: %s" % error
    return dumps({"failed": True, "msg": text}).encode()


def show(title):
    """Puts a text in place of the command line, where process listings show it."""
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        first, end = int(fields[45]), int(fields[46])
        text = title.encode("utf-8", "replace")[: end - first - 1]
        with open("/proc/self/mem", "r+b", buffering=0) as file:
            file.seek(first)
            file.write(text.ljust(end - first, b"\0"))
        with open("/proc/self/comm", "wb") as file:
            file.write(b"ftl-job")
    except (OSError, ValueError, IndexError):
        pass  # another system, or one that forbids it


def outcome(data, seconds):
    """The object that becomes the result of the job. src/core/result/host_result.ts
    has the same rules for calls that are waited for."""
    if "exception" in data:
        raised = data["exception"]
        text = ": ".join(filter(None, (raised["type"], raised["message"])))
        value = {"failed": True, "msg": text, "exception": raised["traceback"]}
    elif "value" in data:
        value = data["value"]
        value = dict(value) if isinstance(value, dict) else {"value": value}
    else:
        value = module_output.last_object(data["stdout"])
    fault = fault_of(data, value, seconds)
    if fault:
        value = dict(value or {"data": data["stdout"]}, failed=True, msg=fault)
    if data["state"] == "skipped":
        value = {"skipped": True, "msg": data["reason"]}
    if data["stderr"]:
        value.setdefault("stderr", data["stderr"])
    return value


def fault_of(data, value, seconds):
    """Why the call did not end well, besides what its own object says."""
    if data["state"] == "timed_out":
        return "Timeout exceeded: the job was ended after %g s" % seconds
    if data["state"] == "cancelled":
        return job_files.ENDED
    if data["signal"]:
        return "The module was killed by signal %d" % data["signal"]
    if data["state"] != "skipped" and value is None:
        return "The module printed no JSON object, and ended with %s" % data["rc"]
    if data["rc"] and not ("failed" in value or "rc" in value):
        return "The module ended with status %d" % data["rc"]
    return None


def masked(value, hidden):
    if isinstance(value, str):
        for text in hidden:
            value = value.replace(text, MASK)
        return value
    if isinstance(value, dict):
        return {masked(k, hidden): masked(v, hidden) for k, v in value.items()}
    return [masked(v, hidden) for v in value] if isinstance(value, list) else value
