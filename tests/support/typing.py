# Runs a command like a user at a terminal: the terminal is its controlling
# one, its outputs are ours. Types a line at each question. Reads JSON on stdin:
# {"argv": […], "answers": [[QUESTION, LINE], …]}, so that no answer is in argv.
import fcntl
import json
import os
import select
import sys
import termios
import time

about = json.load(sys.stdin)
master, slave = os.openpty()
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.execvp(about["argv"][0], about["argv"])
shown = b""
for question, answer in about["answers"]:
    deadline = time.time() + 60
    while question.encode() not in shown and time.time() < deadline:
        if select.select([master], [], [], 0.1)[0]:
            shown += os.read(master, 4096)
        if os.waitpid(pid, os.WNOHANG)[0]:
            sys.exit("It ended before it asked: " + question)
    shown = b""
    os.write(master, answer.encode() + b"\n")
done, status = 0, 0
while not done:
    if select.select([master], [], [], 0.1)[0]:
        sys.stderr.write(os.read(master, 4096).decode("utf-8", "replace"))
    done, status = os.waitpid(pid, os.WNOHANG)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
