# From a login shell to a gate, with a simple version of what
# src/gate/open/bootstrap_command.ts makes; and `python3 GATE` as people run it.
import json
import os
import subprocess
import sys
import unittest
import zlib

from gate_process import RUNTIME, GateTest, archive, frame, is_alive, read, sha256

MODULES = {"ok": ("old", "print(1)"), "sleeps": ("old", "import time; time.sleep(60)")}
GATE = archive(MODULES)
BOOTSTRAP = ("folder", "code_cache", "receive", "compiler", "unpack")
IS_OLD = sys.version_info < (3, 7)  # noqa: UP036
SHELL = 't=ftl-N;echo $t-sh;read -r c;exec %s -c "$c" N %d %s %s kill'


def bootstrap():
    files = ["bootstrap.py"]
    files += ["ftl_gate/%s.py" % name for name in BOOTSTRAP]
    return zlib.compress(b"\0".join(read(RUNTIME + "/" + file) for file in files))


def stage():
    lines = read(RUNTIME + "/stage.py").decode().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return ("exec(%s)\n" % json.dumps(text + "\n")).encode()


def block(data):
    return b"g%07x" % len(data) + data


def files_below(path):
    """The name and the time of the last change of everything below a folder."""
    found = {}
    for parent, folders, files in os.walk(path):
        for name in folders + files:
            about = os.lstat(parent + "/" + name)
            found[parent + "/" + name] = about.st_mtime_ns, about.st_size
    return found


class Opening(GateTest):
    def open_as(self, sent, data=b"", python=sys.executable, ident=None, **options):
        start = bootstrap()
        line = SHELL % (python, len(start), ident or sha256(GATE), sent)
        gate = self.start(["/bin/sh", "-c", line], **options)
        gate.write(stage() + start + data)
        self.assertEqual(gate.read_line(), "ftl-N-sh")
        return gate

    def test_a_gate_that_is_sent_starts_without_a_request(self):
        for _ in range(2):  # the second time the host has it
            gate = self.open_as("sent", block(GATE))
            self.assertEqual(gate.read_line(), "ftl-N-up")
            about = gate.hello()
            self.assertEqual(about["gate"], sha256(GATE))
            self.assertEqual(about["folder"], self.home + "/.ftl")
            self.assertEqual(gate.printed("ok"), 1)
            self.assertEqual(gate.shutdown(), 0)
            self.assertEqual(gate.stderr(), "")

    def test_a_gate_in_memory_uses_and_leaves_no_file(self):
        pack = archive({"packed": ("old", "print(2)")}, is_pack=True)
        stored = self.open_as("sent", block(GATE))
        self.assertEqual(stored.read_line(), "ftl-N-up")
        stored.hello()
        stored.pack(pack)
        stored.shutdown()
        before = files_below(self.home)
        gate = self.open_as("memory", block(GATE), PYTHONDONTWRITEBYTECODE=None)
        self.assertEqual(gate.read_line(), "ftl-N-up")
        about = gate.hello()
        self.assertEqual((about["folder"], about["packs"]), (None, []))
        self.assertEqual(gate.printed("ok"), 1)
        missing = gate.request("Call", {"module": "packed", "pack": sha256(pack), "args": {}})
        self.assertEqual(missing[1]["kind"], "no_pack")
        gate.pack(pack)
        for fresh in (False, True):
            self.assertEqual(gate.printed("packed", pack=sha256(pack), fresh=fresh), 2)
            self.assertEqual(files_below(self.home), before)
        self.assertEqual(gate.shutdown(), 0)
        self.assertEqual(files_below(self.home), before)

    def test_a_gate_is_stored_beside_others_and_replaces_a_damaged_one(self):
        other = archive({"ok": ("old", "print(2)")})
        for data in (other, GATE):
            gate = self.open_as("sent", block(data), ident=sha256(data))
            self.assertEqual(gate.read_line(), "ftl-N-up")
            gate.hello()
            gate.shutdown()
        os.unlink(self.host_folder("gates", sha256(GATE), ".index"))
        gate = self.open_as("sent", block(GATE))
        self.assertEqual(gate.read_line(), "ftl-N-up")
        self.assertEqual(gate.hello()["folder"], self.home + "/.ftl")

    def test_a_gate_on_disk_starts_from_its_hash(self):
        gate = self.open_as("sent", block(GATE))
        gate.read_line()
        gate.hello()
        calls = frame(["Hello", {"ftl": 2, "nonce": "n"}, 0])
        calls += frame(["Call", {"module": "ok", "args": {}}, 1])
        gate = self.open_as("hint", calls)
        self.assertEqual(gate.read_line(), "ftl-N-up")
        self.assertEqual(gate.receive()[0], "Hello")
        self.assertEqual(gate.result(1)["rc"], 0)

    def test_a_missing_gate_is_requested_and_frames_before_it_are_served(self):
        calls = frame(["Hello", {"ftl": 2, "nonce": "n"}, 0])
        calls += frame(["Call", {"module": "ok", "args": {}}, 1])
        gate = self.open_as("hint", calls)
        self.assertEqual(gate.read_line(), "ftl-N-need")
        gate.write(block(GATE) + frame(["Ping", {}, 2]))
        self.assertEqual(gate.read_line(), "ftl-N-up")
        self.assertEqual(gate.receive()[0], "Hello")
        self.assertEqual(gate.answer(2), ("Pong", {}))
        self.assertEqual(gate.result(1)["rc"], 0)

    def test_a_gate_that_is_damaged_on_disk_is_requested(self):
        gate = self.open_as("sent", block(GATE))
        gate.read_line()
        gate.hello()
        gate.shutdown()
        with open(
            self.host_folder("gates", sha256(GATE), ".code"), "r+b"
        ) as file:
            file.truncate(100)
        gate = self.open_as("hint")
        self.assertEqual(gate.read_line(), "ftl-N-need")
        gate.write(block(GATE))
        self.assertEqual(gate.read_line(), "ftl-N-up")
        self.assertEqual(gate.hello()["folder"], self.home + "/.ftl")

    def test_an_invalid_archive_is_refused(self):
        cases = {
            block(b"x" * 100): "The archive was damaged in transit",
            b"garbage!": "The input is neither an archive nor a frame",
            b"gGarbage": "The input is neither an archive nor a frame",
            b"ffffffff": "The input is neither an archive nor a frame",
        }
        for data, words in cases.items():
            with self.subTest(data[:10]):
                gate = self.open_as("sent", data)
                self.assertEqual(gate.read_line(), "ftl-N-fail " + words)
                self.assertEqual((gate.wait(), gate.stderr()), (1, ""))

    def test_no_process_is_left_when_the_controller_ends_early(self):
        start = stage() + bootstrap() + block(GATE)
        for size in (0, 10, len(stage()), len(stage()) + 9, len(start) - 9):
            with self.subTest(size):
                line = SHELL % (sys.executable, len(bootstrap()), sha256(GATE), "sent")
                gate = self.start(["/bin/sh", "-c", line])
                gate.write(start[:size])
                gate.process.stdin.close()
                gate.wait()
                self.assertFalse(is_alive(gate.pid))

    def test_files_in_the_current_folder_are_not_imported(self):
        for name in "json zlib _json re fcntl os time select codecs _sha256".split():
            with open(os.path.join(self.home, name + ".py"), "w") as file:
                file.write("raise SystemExit('stray')")
        gate = self.open_as("sent", block(GATE), cwd=self.home)
        self.assertEqual(gate.read_line(), "ftl-N-up")
        gate.hello()
        self.assertEqual(gate.printed("ok"), 1)

    def test_a_removed_current_folder_is_ignored(self):
        gone = os.path.join(self.home, "gone")
        os.mkdir(gone)
        start = bootstrap()
        line = 'cd "$HOME/gone";rmdir "$HOME/gone";' + SHELL
        line = line % (sys.executable, len(start), sha256(GATE), "sent")
        gate = self.start(["/bin/sh", "-c", line])
        gate.write(stage() + start + block(GATE))
        gate.read_line()
        self.assertEqual(gate.read_line(), "ftl-N-up")
        gate.hello()
        self.assertEqual(gate.call("ok")["rc"], 0)
        self.assertEqual(gate.call("ok", fresh=True)["rc"], 0)

    def test_names_are_intact_on_a_host_with_an_ascii_locale(self):
        data = archive(
            {"é": ("old", "print('\\u00e9'.encode())")}, {"ansible/é.py": "x"}
        )
        env = {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
        if not IS_OLD:
            env["PYTHONUTF8"] = "0"
        for sent in ("sent", "hint"):
            gate = self.open_as(
                sent, block(data) if sent == "sent" else b"", ident=sha256(data), **env
            )
            self.assertEqual(gate.read_line(), "ftl-N-up")
            gate.hello()
            for fresh in (False, True):
                data_of_call = gate.call("é", {"é": "é"}, fresh=fresh)
                self.assertEqual(data_of_call["stdout"], "b'\\xc3\\xa9'\n")

    @unittest.skipIf(IS_OLD, "[skipped: no -X importtime before 3.7]")
    def test_opening_imports_only_what_it_needs(self):
        gate = self.open_as("sent", block(GATE))
        gate.read_line()
        gate.hello()
        gate.shutdown()
        python = "'%s' -X importtime" % sys.executable
        gate = self.open_as("hint", python=python)
        gate.read_line()
        gate.hello()
        gate.shutdown()
        lines = gate.stderr().splitlines()
        names = {line.rpartition("|")[2].strip() for line in lines}
        plain = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "1"],
            stderr=subprocess.PIPE,
            env=self.environment(),
        ).stderr.decode()
        usual = {line.rpartition("|")[2].strip() for line in plain.splitlines()}
        ours = {name for name in names - usual if not name.startswith("ftl_gate")}
        allowed = {"_json", "_posixsubprocess", "binascii", "fcntl", "select", "time"}
        self.assertLessEqual(ours, allowed | {"zlib", "_collections"})


class File(GateTest):
    """`python3 GATE`, as people run it."""

    def run_gate(self, path, *args, cwd=None):
        process = self.start([sys.executable, path] + list(args), cwd or self.home)
        stdout, stderr = process.process.communicate()
        return process.process.returncode, stdout, stderr.decode()

    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.home, "gate.pyz")
        with open(self.path, "wb") as file:
            file.write(GATE)

    def test_info_describes_the_gate_and_leaves_no_files(self):
        for cwd, path in ((self.home, "gate.pyz"), ("/", self.path)):
            status, stdout, stderr = self.run_gate(path, "--info", cwd=cwd)
            self.assertEqual((status, stderr), (0, ""))
            about = json.loads(stdout.decode())
            self.assertEqual(about["gate"], sha256(GATE))
            self.assertEqual(about["bytes"], len(GATE))
            self.assertEqual(about["modules"], {"ok": "old", "sleeps": "old"})
            self.assertIn("ftl_gate/gate.py", about["entries"])
        self.assertFalse(os.path.exists(self.home + "/.ftl"))

    def test_info_imports_no_files_beside_the_gate(self):
        with open(os.path.join(self.home, "json.py"), "w") as file:
            file.write("raise SystemExit('stray')")
        self.assertEqual(self.run_gate("gate.pyz", "--info")[0], 0)

    def test_a_gate_without_input_sends_goodbye(self):
        goodbye = frame(b'["Goodbye",{}]')
        self.assertEqual(self.run_gate("gate.pyz"), (0, goodbye, ""))

    def test_a_changed_gate_is_refused(self):
        data = GATE.replace(b"PK\3\4", b"PK\3\4", 1)
        at = data.index(b"modules/ok.py") + len(b"modules/ok.py") + 2
        with open(self.path, "wb") as file:
            file.write(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
        for args in ((), ("--info",)):
            status, _, stderr = self.run_gate("gate.pyz", *args)
            self.assertEqual(status, 1)
            words = "gate.pyz: it is damaged: modules/ok.py is not what was packed"
            self.assertIn(words, stderr)

    def test_a_truncated_or_missing_gate_fails(self):
        self.assertNotEqual(self.run_gate("nowhere.pyz", "--info")[0], 0)
        for size in (1000, len(GATE) - 1000, len(GATE) - 10):
            with open(self.path, "wb") as file:
                file.write(GATE[:size])
            status, stdout, _ = self.run_gate("gate.pyz", "--info")
            self.assertEqual((status, stdout), (1, b""))
