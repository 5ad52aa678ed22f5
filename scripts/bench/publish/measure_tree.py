"""Runs programs, and measures what each costs with everything that it starts.

Reads a JSON object a line, {"argv", "env", "hosts", "memory"}, runs the program and
prints {"code", "output", "wall_ms", "cpu_ms", "host_cpu_ms", "memory_bytes"}.
`hosts` is the process ID of the server whose children are the hosts. With `memory`,
the peak of the memory of all processes is sampled (PSS); without, it is null.
{"end": true} ends what earlier programs have left running, such as connections that
stay open; until then, that counts as a part of later programs. Linux only.
"""
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_S = 0.02
#: How long hosts may take to end what a program has left.
HOSTS_S = 0.5
TICKS = os.sysconf("SC_CLK_TCK")


def descendants(pid):
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat(name)
            if fields is not None:
                children.setdefault(int(fields[1]), []).append(int(name))
    found = []
    waiting = [pid]
    for each in waiting:
        found += children.get(each, [])
        waiting += children.get(each, [])
    return found


def stat(pid):
    try:
        with open("/proc/%s/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended


def cpu_of(pids):
    """The CPU time of processes, and of the children that they waited for, in ms."""
    ticks = 0
    for pid in pids:
        fields = stat(pid)
        if fields is not None:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks * 1000 / TICKS


def cpu_here():
    """The CPU time of all that was started here."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    waited = (used.ru_utime + used.ru_stime) * 1000
    return waited + cpu_of(descendants(os.getpid()))


def cpu_of_hosts(server):
    if server is None:
        return 0
    until = time.monotonic() + HOSTS_S
    while descendants(server) and time.monotonic() < until:
        time.sleep(0.01)
    return cpu_of([server, *descendants(server)])


def memory_now():
    total = 0
    for pid in descendants(os.getpid()):
        try:
            with open("/proc/%s/smaps_rollup" % pid) as file:
                lines = file.read().splitlines()
        except OSError:
            continue  # it has ended
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024


def sample_memory(done, peaks):
    while not done.wait(SAMPLE_S):
        peaks.append(memory_now())


def reap():
    """Waits for what has ended, so that its CPU time counts."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def run(argv, env, hosts, memory):
    reap()
    done = threading.Event()
    peaks = [0]
    sampler = threading.Thread(target=sample_memory, args=(done, peaks))
    with tempfile.TemporaryFile() as output:
        host_cpu, cpu = cpu_of_hosts(hosts), cpu_here()
        began = time.monotonic()
        child = subprocess.Popen(
            argv,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        if memory:
            sampler.start()
        code = child.wait()
        wall = time.monotonic() - began
        done.set()
        reap()
        cpu = cpu_here() - cpu
        host_cpu = cpu_of_hosts(hosts) - host_cpu
        output.seek(0)
        text = output.read().decode(errors="replace")
    return {
        "code": code,
        "output": text[-2000:],
        "wall_ms": wall * 1000,
        "cpu_ms": cpu,
        "host_cpu_ms": None if hosts is None else host_cpu,
        "memory_bytes": max(peaks) if memory else None,
    }


def end_all():
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, number)
            except OSError:
                pass  # it has ended
        until = time.monotonic() + 5
        while descendants(os.getpid()) and time.monotonic() < until:
            reap()
            time.sleep(0.01)
    return {}


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("end"):
            reply = end_all()
        else:
            reply = run(
                request["argv"],
                request["env"],
                request["hosts"],
                request["memory"],
            )
        print(json.dumps(reply), flush=True)
    end_all()


if __name__ == "__main__":
    main()
