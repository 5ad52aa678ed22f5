# Ends a call that does not end on its own.
import os
import time

GRACE = 5.0  # seconds from TERM to KILL; protocol/limits.ts has it too


def end(call, state, reason):
    """Asks its processes to stop: TERM now, KILL after the grace period."""
    if call.state == "ended" and call.ended is None:
        call.state = state
        call.reason = reason
        signal(call, 15)
        now = time.monotonic()
        call.kill_at = now + GRACE
        call.wake_at = now + 0.02


def wake(call, now):
    """Ends a call at its deadline, and then watches that it ends."""
    if call.state == "ended":
        end(call, "timed_out", "It was ended after %g s" % call.timeout)
    elif call.ended is not None and not members(call):
        call.drain()
    elif now < call.kill_at:
        call.wake_at = min(now + 0.1, call.kill_at)
    elif not call.is_killed:
        call.is_killed = True
        signal(call, 9)
        call.kill_at = now + 1
        call.wake_at = now + 0.02
    else:
        call.left = members(call)
        call.drain()


def signal(call, number):
    # The number of a group is its own only while we know a process in it.
    group = [-call.pid] if call.ended is None else []
    for pid in group + members(call):
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it has ended on its own, or we may not end it


def members(call):
    """The processes that run in the call's session."""
    found = set() if call.ended is not None else {call.pid}
    try:
        names = os.listdir("/proc")
    except OSError:
        return sorted(found)
    for name in names:
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == call.pid and fields[0] not in (b"Z", b"X"):
                found.add(int(name))
    return sorted(found)
