# Drives a gate in tests: makes an archive with zipfile from the sources of the
# runtime and a test's modules, starts a process that serves it, and speaks both
# versions of the protocol over its pipes. No wait is longer than 60 s.
import base64
import contextlib
import hashlib
import io
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "fixtures")
RUNTIME = os.path.abspath(os.path.join(HERE, "..", "..", "src", "gate", "runtime"))
MAX_WAIT = 60.0


def read(path):
    with open(path, "rb") as file:
        return file.read()


def fixture(name):
    """The source of a module in tests/fixtures/modules/."""
    return read(os.path.join(FIXTURES, "modules", name))


def runtime_files():
    files = {"__main__.py": read(RUNTIME + "/__main__.py")}
    for name in os.listdir(RUNTIME + "/ftl_gate"):
        if name.endswith(".py"):
            files["ftl_gate/" + name] = read(RUNTIME + "/ftl_gate/" + name)
    return files


def archive(modules=None, files=None, is_pack=False, method=zipfile.ZIP_DEFLATED):
    """A gate or a pack. `modules`: name to (kind, source) or (kind, source,
    path); `files`: path to content; `manifest.json` is added to the manifest.
    Sources are text or bytes."""
    entries = {} if is_pack else runtime_files()
    entries.update({path: to_bytes(body) for path, body in (files or {}).items()})
    more = json.loads(entries.pop("manifest.json", b"{}").decode())
    index = {}
    for name, (kind, source, *path) in (modules or {}).items():
        where = path[0] if path else "modules/%s.py" % name
        if kind == "new" and not path:
            where = "ansible/legacy/%s.py" % name
        entries[where] = to_bytes(source)
        index[name] = {"path": where, "kind": kind}
    for path in list(entries):
        while path.startswith("ansible") and "/" in path:
            path = path.rpartition("/")[0]
            entries.setdefault(path + "/__init__.py", b"")
    about = {
        path: {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        for path, body in entries.items()
    }
    manifest = dict({"ftl": "0.0.0", "entries": about, "modules": index}, **more)
    entries["manifest.json"] = json.dumps(manifest).encode()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for path in sorted(entries):
            file.writestr(zipfile.ZipInfo(path), entries[path], method)
    return (b"" if is_pack else b"#!/usr/bin/env python3\n") + data.getvalue()


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def frame(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"%08x" % len(body) + body


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def memory(pid):
    """The most memory that a process ever had, in MiB."""
    with open("/proc/%d/status" % pid) as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def wait_until(holds, what):
    limit = time.monotonic() + MAX_WAIT
    while not holds():
        if time.monotonic() > limit:
            raise AssertionError("It never became true: " + what)
        time.sleep(0.01)


class GateProcess:
    """A process that serves a gate, and the controller's end of its pipes."""

    def __init__(self, argv, env, cwd=None):
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=cwd,
            bufsize=0,
            start_new_session=True,
        )
        self.pid = self.process.pid
        self.buffer = b""
        self.last_id = 0
        self.parts = []
        self.events = []
        self.answers = {}

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view) :]

    def send(self, *message):
        self.write(frame(list(message)))

    def read_bytes(self, size):
        """That many bytes of its stdout; fewer only at its end."""
        limit = time.monotonic() + MAX_WAIT
        while len(self.buffer) < size:
            ready, _, _ = select.select(
                [self.process.stdout], [], [], max(0, limit - time.monotonic())
            )
            if not ready:
                raise AssertionError("The gate sent nothing more: %s" % self.buffer[:200])
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                break
            self.buffer += data
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def read_line(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.read_bytes(1)
            if not byte:
                break
            line += byte
        return line.decode().rstrip("\n")

    def receive(self):
        """The next message, with series joined; None at the end."""
        while True:
            head = self.read_bytes(8)
            if not head:
                return None
            message = json.loads(self.read_bytes(int(head, 16)).decode())
            if message[0] != "Data":
                return message
            self.parts.append(message[1]["part"])
            if message[1]["last"]:
                parts, self.parts = self.parts, []
                return json.loads("".join(parts))

    def hello(self):
        self.send("Hello", {"ftl": 2, "nonce": "n0"}, 0)
        return self.receive()[1]

    def start_call(self, module, args=None, **options):
        """Sends a `Call` and returns its id."""
        self.last_id += 1
        self.send("Call", dict(options, module=module, args=args or {}), self.last_id)
        return self.last_id

    def request(self, kind, data=None):
        """Sends a request and returns its reply."""
        self.last_id += 1
        self.send(kind, data or {}, self.last_id)
        return self.answer(self.last_id)

    def answer(self, ident):
        """The type and data of the final reply to a request. Events are kept in
        `events`, and other replies until they are asked for."""
        while ident not in self.answers:
            message = self.receive()
            if message is None:
                raise AssertionError("The gate has ended: " + self.stderr())
            kind, data, about = message
            if kind in ("Output", "Progress"):
                self.events.append((kind, data, about))
            else:
                self.answers[about] = kind, data
        return self.answers.pop(ident)

    def result(self, ident):
        kind, data = self.answer(ident)
        if kind != "Result":
            raise AssertionError("%s: %s" % (kind, data))
        return data

    def call(self, module, args=None, **options):
        """The data of the `Result` of a call."""
        return self.result(self.start_call(module, args, **options))

    def printed(self, module, args=None, **options):
        """The JSON that a call printed, and nothing else."""
        data = self.call(module, args, **options)
        if data["rc"] != 0 or data["stderr"]:
            raise AssertionError(data)
        return json.loads(data["stdout"])

    def pack(self, data):
        return self.request("Pack", {"sha256": sha256(data), "data": base64_of(data)})

    def shutdown(self):
        self.last_id += 1
        self.send("Shutdown", {}, self.last_id)
        self.answer(self.last_id)
        return self.wait()

    def wait(self):
        """The exit status."""
        return self.process.wait(MAX_WAIT)

    def stderr(self):
        """What it wrote to stderr; waits for its end."""
        return self.process.stderr.read().decode()

    def rest(self):
        """The messages until its end."""
        return list(iter(self.receive, None))

    def children(self):
        """Its living children, and theirs."""
        found, parents = [], {self.pid}
        while parents:
            born = {pid for pid, parent in processes() if parent in parents}
            found += sorted(born)
            parents = born
        return found

    def close(self):
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                file.close()
        if self.process.poll() is None:
            left = self.children()
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


def processes():
    """Pairs of a process and its parent."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = read("/proc/%s/stat" % name).rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] not in (b"Z", b"X"):
                yield int(name), int(fields[1])


def base64_of(data):
    return base64.b64encode(to_bytes(data)).decode()


class GateTest(unittest.TestCase):
    """Tests that start gates in a HOME of their own."""

    maxDiff = None

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="ftl-test-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        # A path in which no user can make a folder, because it is a file.
        self.nowhere = os.path.join(self.home, "nowhere")
        with open(self.nowhere, "wb"):
            pass

    def environment(self, **changes):
        env = {
            "HOME": self.home,
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "FTL_TEST": "yes",
        }
        env.update(changes)
        return {name: value for name, value in env.items() if value is not None}

    def open(self, modules=None, files=None, version=2, cwd=None, **env):
        """A gate from a file, in one version of the protocol."""
        data = archive(modules, files)
        path = os.path.join(self.home, sha256(data)[:12] + ".pyz")
        with open(path, "wb") as file:
            file.write(data)
        return self.open_file(path, version, cwd, **env)

    def open_file(self, path, version=2, cwd=None, **env):
        gate = self.start([sys.executable, path], cwd, **env)
        if version == 2:
            gate.about = gate.hello()
        return gate

    def open_changed(self, modules, source, *args):
        """A gate on disk that `source` starts; its folder is the first argument."""
        first = self.open(modules)
        first.shutdown()
        root = self.host_folder("gates", first.about["gate"])
        source = "import sys\n" + source
        argv = [sys.executable, "-c", source, root] + list(args)
        return self.start(argv, PYTHONPATH=RUNTIME)

    def open_in_memory(self, modules=None, files=None, **env):
        """A gate on a host where no folder can be written."""
        path = os.path.join(self.home, "gate.pyz")
        with open(path, "wb") as file:
            file.write(archive(modules, files))
        source = (
            "import runpy, sys; sys.path.insert(0, sys.argv[1])\n"
            "from ftl_gate import folder\n"
            "folder.candidates = lambda: ['/proc/ftl']\n"
            "runpy.run_path(sys.argv[1], run_name='__main__')"
        )
        gate = self.start([sys.executable, "-c", source, path], **env)
        gate.about = gate.hello()
        self.assertIsNone(gate.about["folder"])
        return gate

    def start(self, argv, cwd=None, **env):
        gate = GateProcess(argv, self.environment(**env), cwd)
        self.addCleanup(gate.close)
        return gate

    def host_folder(self, *names):
        return os.path.join(self.home, ".ftl", "host", *names)
