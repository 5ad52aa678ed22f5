"""Stops the main thread of a process, and no other, until the process ends.

Usage: freeze_main_thread.py PID. Prints `frozen` when it stands. Linux; needs
root, or a system that lets a process trace any other of the same user.
"""

import ctypes
import os
import sys

PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
WALL = 0x40000000


def main(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] * 4
    for request in PTRACE_SEIZE, PTRACE_INTERRUPT:
        if libc.ptrace(request, pid, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "Cannot stop the thread")
    os.waitpid(pid, WALL)
    print("frozen", flush=True)
    os.waitpid(pid, WALL)


main(int(sys.argv[1]))
