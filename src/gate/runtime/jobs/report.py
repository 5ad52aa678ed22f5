# The module that reports, ends and removes the jobs of a host, also those that
# Ansible started. Its answers about one job have the members of Ansible's
# async_status.
import os
import time

from ftl_gate import job_files, terminate

LARGE = 1 << 20  # bytes; a longer result is not read for a list


def main(
    mode,
    jid="",
    folder="~/.ansible_async",
    seconds=0,
    known=False,
    own=False,
    check_mode=False,
):
    """`mode`: list, status, wait, cancel or cleanup; `jid`: the whole name of a
    job, or its part before the dot; `seconds`: how long to wait; `known`: whether
    the job should be there; `own`: whether a job of another host that shares the
    folder does not count."""
    path = job_files.locate(folder)
    if os.path.lexists(path):
        job_files.check(path)
    if mode == "list":
        return {"jobs": [about(Found(path, name)) for name in names(path)]}
    matching = [n for n in names(path) if jid in (n, n.partition(".")[0])]
    if own or len(matching) > 1:  # hosts that share the folder have one each
        here = [n for n in matching if not Found(path, n).is_elsewhere()]
        matching = here if own or len(here) == 1 else matching
    if len(matching) > 1:
        text = "The name %s is that of several jobs: %s"
        return {"failed": True, "msg": text % (jid, ", ".join(matching))}
    if not matching:
        missing = {"failed": True} if known else {"skipped": True}
        text = "could not find job"  # Ansible's words
        return dict(missing, ansible_job_id=jid, msg=text, started=1, finished=1)
    job = Found(path, matching[0])
    if mode == "wait":
        wait(job, seconds)
    if mode == "cancel":
        return cancel(job)
    if mode == "cleanup":
        return cleanup(job)
    return status(job)


def names(path):
    try:
        found = os.listdir(path)
    except OSError:
        return []  # there has been no job
    beside = path + job_files.ABOUT
    if os.path.isdir(beside):
        for name in set(os.listdir(beside)) - set(found):
            if job_files.NAME.match(name):
                os.unlink(beside + name)  # Ansible removes only its own file
    return sorted(filter(job_files.NAME.match, found))


class Found:
    """A job that has a file."""

    def __init__(self, folder, name):
        self.name = name
        self.path = folder + "/" + name
        self.beside = folder + job_files.ABOUT + name
        self.about = job_files.read(self.beside) or {}

    def result(self):
        """The object in its file, unless it says that the job runs."""
        value = job_files.read(self.path)
        return None if value is None or "started" in value else value

    def is_elsewhere(self):
        """Whether it was started on another host that shares the folder."""
        is_here = self.about.get("boot") in (None, job_files.boot())
        return not is_here and self.about.get("host") != os.uname()[1]

    def is_past(self):
        """Whether the host was restarted since."""
        return self.about.get("boot") not in (None, job_files.boot())

    def pids(self):
        """The processes that run the job."""
        if self.is_past():
            return []
        if not self.about:
            return foreign(self.name)
        pid, born = self.about["pid"], self.about.get("born")
        alive = [pid] if job_files.is_alive(pid, born) else []
        group, born = self.about.get("child"), self.about.get("child_born")
        is_reused = group and job_files.birth(group) not in (None, born)
        return alive + ([] if is_reused or not group else session(group))

    def supervisor(self):
        """The process that will write the result; None if there is none."""
        pids = self.pids()
        own = self.about.get("pid", pids[0] if pids else None)
        return own if own in pids else None

    def is_running(self):
        if self.result() is not None:
            return False
        # It may have ended between the two.
        return bool(self.is_elsewhere() or self.supervisor() or self.young())

    def young(self):
        """Whether Ansible may just be starting it."""
        try:
            return not self.about and time.time() - os.stat(self.path).st_mtime < 3
        except OSError:
            return False


class Ended:
    """A session, as terminate.members() wants it: its leader may have ended."""

    ended = 0.0

    def __init__(self, pid):
        self.pid = pid


def session(pid):
    return terminate.members(Ended(pid))


def foreign(name):
    """The processes of Ansible's wrapper that run a job, and of its module. Anybody
    can give a process such a command line: only ours count."""
    found = set()
    numbers = os.listdir("/proc") if os.path.isdir("/proc") else ()
    for pid in filter(str.isdigit, numbers):
        try:
            if os.stat("/proc/" + pid).st_uid != os.geteuid():
                continue
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                words = file.read().split(b"\0")
            is_it = name.partition(".")[0].encode() in words[:4]
            if is_it and b"async_wrapper" in b" ".join(words[:3]):
                found.update(session(os.getsid(int(pid))))
        except OSError:
            pass  # it has just ended
    return sorted(found)


def status(job):
    base = {"ansible_job_id": job.name, "results_file": job.path, "started": 1}
    if job.is_running():
        if job.is_elsewhere():
            base["msg"] = "It runs on %s, which shares this folder" % job.about["host"]
        return dict(base, finished=0)
    value = job.result()
    if value is not None:
        return dict(value, finished=1, **base)
    text = "The job has no result: its process was killed, or the host was restarted"
    left = job.pids()
    if left:
        text = "The job has no result: its process was killed, and %d of its processes"
        text = (text + " still run") % len(left)
        base["left"] = left
    return dict(base, finished=1, failed=True, died=True, msg=text)


def wait(job, seconds):
    limit = time.monotonic() + seconds
    pause = 0.02
    while job.is_running() and time.monotonic() < limit:
        time.sleep(min(pause, max(0, limit - time.monotonic())))
        pause = min(pause * 1.5, 1)


def cancel(job):
    """Ends the processes of a job. One that has ended already is reported."""
    if job.is_elsewhere() and job.result() is None:
        text = "The job runs on %s: cancel it there" % job.about["host"]
        return {"failed": True, "ansible_job_id": job.name, "msg": text}
    is_done = job.result() is not None
    pids = job.pids()
    if is_done or not pids:
        return status(job)
    own = job.supervisor() if job.about else None
    signal([own] if own else pids, 15)
    limit = time.monotonic() + terminate.GRACE + 2
    while job.pids() and time.monotonic() < limit:
        time.sleep(0.05)
    signal(job.pids(), 9)
    text = "The job was cancelled"
    value = job.result() or {"msg": job_files.ENDED}
    if value.get("msg") != job_files.ENDED:
        return status(job)  # it was faster
    job_files.write(job.path, dict(value, failed=True, msg=text))
    return {"changed": True, "ansible_job_id": job.name, "msg": text}


def signal(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it has ended on its own


def cleanup(job):
    if job.is_running():
        text = "The job still runs: cancel it first"
        return {"failed": True, "ansible_job_id": job.name, "msg": text}
    for path in (job.path, job.beside):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
    return {"ansible_job_id": job.name, "erased": job.path}


def about(job):
    """One line of a list."""
    known = job.about
    line = {"job": job.name, "state": state(job)}
    if known:
        line.update(module=known["module"], seconds=known["seconds"])
        line["started"] = known["started"]
        if "ended" in known:
            line["ended"] = known["ended"]
    return line


def state(job):
    if job.is_running():
        return "elsewhere" if job.is_elsewhere() else "running"
    try:
        if os.stat(job.path).st_size > LARGE:
            return "finished"
    except OSError:
        return "died"
    value = job.result()
    if value is None:
        return "died"
    is_bad = value.get("failed", value.get("rc", 0) not in (0, "0"))
    return "failed" if is_bad else "finished"
