# Runs as the login user: starts sudo, doas or su with a controlling terminal,
# answers its one password prompt there, and ends as the command ended. Frames
# never cross the terminal: the command has the channel's own pipes. Reports go to
# stderr, before the command's own first line (src/core/become/elevate.ts).
# ruff: noqa: E402
import os
import sys

try:
    here = os.getcwd()
except OSError:  # it was removed, or we may not read it
    here = ""
sys.path[:] = [p for p in sys.path if p not in ("", here)]
import fcntl
import resource
import select
import termios

try:
    import _signal as signal
except ImportError:
    import signal

TICK_MS = 50
ALONE_TICKS = 20  # after the controller has gone
QUIET_TICKS = 10  # without output: even a complete line may be a prompt
EXPIRED_WORDS = ("new password", "current password", "old password", "retype")
OTHER_WORDS = ("verification", "one-time", "token", "otp", "passcode", "code:", " pin")


def read_line():
    """The next line of stdin; reads no byte beyond it."""
    data = b""
    while data[-1:] != b"\n":
        byte = os.read(0, 1)
        if not byte:
            os._exit(0)  # the controller is gone
        data += byte
    return data[:-1]


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


def resume(pid):
    """Whether a program that was stopped goes on; another user's may not be woken."""
    try:
        os.kill(pid, signal.SIGCONT)
    except OSError:
        return False
    return True


def forbid_core_dump():
    """We may end by the command's signal: no dump may then hold the password."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    # One byte: with a core_pattern that pipes, Linux ignores a limit of 0, not of 1.
    limit = min(hard, 1) if hard >= 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


class Terminal:
    """The terminal on which a command may prompt for a password."""

    def __init__(self, about, password):
        self.argv = [to_bytes(word) for word in about["argv"]]
        self.plumb = about["plumb"]
        self.sentinel = b"ftl-" + to_bytes(about["nonce"]) + b"-"
        self.password = password
        self.answered = False
        self.entered = False  # the command runs: its prompts are its own
        self.text = b""  # printed since the answer
        self.ticks = 0  # since the last output
        self.master, self.slave = os.openpty()
        for fd in (self.master, self.slave):
            fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)

    def report(self, word, text=b""):
        if self.password:
            text = text.replace(self.password, b"********")
        text = b" ".join(text.split())[-400:]
        os.write(2, self.sentinel + word + (b" " + text if text else b"") + b"\n")

    def start(self):
        pid = os.fork()
        if pid:
            # The slave stays open: without it, the terminal would hang up.
            os.close(0)
            os.close(1)
            forbid_core_dump()
            # Our end would hang up the command's terminal; it ends with its input.
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            return pid
        try:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            if self.plumb:
                self.move_pipes()
                if not sys.platform.startswith("linux"):
                    self.argv.remove(b"-s/bin/sh")
            before = os.environ.get("LC_ALL", "")
            os.environ["LC_ALL"] = "POSIX"  # the command restores it
            if before.replace("_", "").replace(".", "").replace("-", "").isalnum():
                back = b"LC_ALL=" + before.encode("ascii", "ignore")
                self.argv = [w.replace(b"unset LC_ALL", back) for w in self.argv]
            os.execvp(self.argv[0], self.argv)
        except OSError:
            self.report(b"missing")
        os._exit(127)

    def move_pipes(self):
        """Moves the pipes to 3 to 5, for a su that prompts on its stdin."""
        pipes = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (0, 1, 2)]
        for fd in (0, 1, 2):
            os.dup2(self.slave, fd)
        for fd, pipe in zip((3, 4, 5), pipes):
            os.dup2(pipe, fd)
            os.close(pipe)

    def read(self):
        """Reads what was printed; False at the end."""
        try:
            data = os.read(self.master, 4096)
        except OSError:
            return False
        self.ticks = 0
        self.text += data
        self.entered = self.entered or self.sentinel + b"in" in self.text
        self.text = self.text[-4096:]
        return bool(data)

    def prompt(self):
        """The prompt of a program that waits for input without echo; else None."""
        text = self.text.replace(b"\r", b"\n").rstrip(b"* \b\n")
        last = text.split(b"\n")[-1].strip()
        is_open = self.text[-1:] not in b"\r\n" or self.ticks > QUIET_TICKS
        if not last or not is_open:
            return None
        return None if termios.tcgetattr(self.master)[3] & termios.ECHO else last

    def answer(self, prompt):
        """Answers a prompt for the password; reports any other."""
        asked = prompt.decode("utf-8", "replace").lower()
        is_ours = self.sentinel in prompt
        if not is_ours and any(word in asked for word in EXPIRED_WORDS):
            self.report(b"expired", prompt)
        elif not is_ours and any(word in asked for word in OTHER_WORDS):
            self.report(b"asks", prompt)
        elif self.answered:
            self.report(b"wrong")
        elif not self.password:
            self.report(b"unasked")
        else:
            self.answered, self.text = True, b""
            os.write(self.master, self.password + b"\n")
            return True
        return False

    def watch(self, pid, wake):
        """Waits until the command has ended, and returns its status."""
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        poll.register(wake, select.POLLIN)
        poll.register(2, 0)  # an error here means that the controller is gone
        is_open, is_alone, is_stopped = True, False, False
        while True:
            changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if changed and os.WIFSTOPPED(status):
                is_stopped = True
            elif changed:
                return status
            is_over = False
            if is_stopped and is_alone:
                # sudo stops itself when its command is stopped, and does not go on
                # with it. Hanging up wakes it, too, where we may not.
                is_stopped, is_over = False, not resume(pid)
            is_asking = is_open and not self.entered
            timeout = 0 if is_over else TICK_MS if is_asking else None
            try:
                ready = [fd for fd, _ in poll.poll(timeout)]
            except select.error:
                continue  # a signal, on Python 2
            if wake in ready:
                os.read(wake, 64)
            self.ticks += 1
            if 2 in ready:
                poll.unregister(2)
                is_alone, self.ticks = True, 0
            # A report of the command may still be in the pipe.
            is_late = is_alone and self.ticks > ALONE_TICKS and not self.entered
            is_over = is_over or is_late
            if self.master in ready and not self.read():
                poll.unregister(self.master)
                is_open = False
            elif is_asking and not self.entered:
                prompt = self.prompt()
                is_over = is_over or bool(prompt and not self.answer(prompt))
            if is_over and self.master is not None:
                if is_open:
                    poll.unregister(self.master)
                os.close(self.master)  # ends the program that waits at the prompt
                is_open, self.master = False, None


def main():
    read_line()  # for hosts without Python
    terminal = Terminal(eval(read_line().decode("ascii"), {}), read_line())
    wake, woken = os.pipe()
    for fd in (wake, woken):
        fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    status = terminal.watch(terminal.start(), wake)
    if terminal.master is not None:
        while select.select([terminal.master], [], [], 0)[0] and terminal.read():
            pass
        if terminal.text.strip() and not terminal.entered:
            terminal.report(b"tty", terminal.text)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


main()
