# No call affects the next, and each sees what it would see in an interpreter of
# its own.
import os
import sys

from ftl_gate import code_cache
from gate_process import GateTest

# Changes everything that a process can change about itself.
SPOILS = """
import atexit, builtins, gc, json, locale, os, random, resource, signal, sys
import tempfile, threading, time
os.environ.clear()
os.environ["SPOILT"] = "yes"
os.chdir("/")
os.umask(0o077)
os.nice(1)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.setitimer(signal.ITIMER_REAL, 1000)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
except locale.Error:
    pass
sys.path[:] = ["/nowhere"]
sys.modules["json"] = sys.modules["spoilt"] = sys
sys.argv[:] = []
sys.stdout, sys.stderr, sys.stdin = sys.stderr, sys.stdout, None
sys.excepthook = print
sys.setrecursionlimit(99)
builtins.open = None
json.dumps = None
tempfile.tempdir = "/nowhere"
random.seed(1)
gc.disable()
atexit.register(print, "spoilt")
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
for fd in (0, 2):
    os.close(fd)
os.write(1, b"done")
"""
LOOKS = """
import json, os, signal, sys, tempfile
print(json.dumps({
    "env": sorted(os.environ.items()), "cwd": os.getcwd(), "umask": os.umask(0),
    "nice": os.nice(0), "path": sys.path, "argv": len(sys.argv),
    "signals": [str(signal.getsignal(n)) for n in (1, 2, 13, 15, 17)],
    "mask": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
    "timer": signal.getitimer(signal.ITIMER_REAL),
    "limit": sys.getrecursionlimit(), "tmp": tempfile.gettempdir(),
    "modules": sorted(set(sys.modules) & {"spoilt"}),
    "session": os.getsid(0) == os.getpid() == os.getpgid(0),
    "fds": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
    "stdin": sys.stdin.read(), "wakeup": signal.set_wakeup_fd(-1),
    "hook": sys.excepthook is sys.__excepthook__,
    "threads": len(os.listdir("/proc/self/task")),
    "bytecode": sys.dont_write_bytecode, "name": __name__, "file": __file__,
    "main": sys.modules["__main__"].__dict__ is globals(),
    "builtins": type(__builtins__).__name__, "spec": __spec__,
}))
"""
DRAWS = """
import json, os, random, sys, tempfile
names = tempfile._get_candidate_names()
print(json.dumps([random.random(), next(names)]))
"""
PICKLES = """
import multiprocessing, pickle, sys
class Point:
    def __init__(self, x): self.x = x
def double(point): return Point(point.x * 2)
if __name__ == "__main__":
    assert pickle.loads(pickle.dumps(Point(2))).x == 2
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(point.x for point in pool.map(double, map(Point, range(10)))))
"""


class Isolation(GateTest):
    def test_a_call_sees_no_changes_of_another(self):
        gate = self.open({"spoils": ("old", SPOILS), "looks": ("old", LOOKS)})
        before = gate.printed("looks")
        self.assertEqual(gate.call("spoils")["stdout"][:4], "done")
        self.assertEqual(gate.printed("looks"), before)

    def test_a_call_sees_what_an_interpreter_of_its_own_would_see(self):
        gate = self.open({"looks": ("old", LOOKS)}, cwd=self.home)
        seen = gate.printed("looks")
        fresh = gate.printed("looks", fresh=True)
        self.assertEqual(seen, fresh)
        env = self.environment()
        self.assertEqual({k: v for k, v in seen["env"] if k in env}, env)
        self.assertEqual(seen["cwd"], os.path.realpath(self.home))
        self.assertEqual((seen["fds"], seen["stdin"]), ([0, 1, 2], ""))
        self.assertEqual((seen["session"], seen["threads"]), (True, 1))
        self.assertEqual((seen["name"], seen["main"]), ("__main__", True))
        self.assertEqual((seen["builtins"], seen["spec"]), ("module", None))
        self.assertEqual((seen["mask"], seen["wakeup"]), ([], -1))
        self.assertNotIn("", seen["path"])
        self.assertNotIn(self.home, seen["path"])
        self.assertIs(seen["bytecode"], True)

    def test_a_module_may_ask_for_an_interpreter_of_its_own(self):
        source = "import sys\nprint('ftl_gate.gate' in sys.modules)\n"
        gate = self.open(
            {
                "warm": ("old", source + "'# ftl: fresh'"),
                "fresh": ("old", "# ftl: fresh\n" + source),
                "dos": ("old", "# ftl: fresh\r\n" + source),
                "last": ("old", source + "# ftl: fresh"),
            },
        )
        self.assertEqual(gate.call("warm")["stdout"], "True\n")
        self.assertEqual(gate.call("warm", fresh=True)["stdout"], "False\n")
        for name in ("fresh", "dos", "last"):
            self.assertEqual(gate.call(name)["stdout"], "False\n")

    def test_variables_are_added_for_one_call(self):
        source = "import os, time; print(os.environb.get(b'A'), time.tzname[0])"
        gate = self.open({"it": ("old", source)}, TZ="UTC")
        for fresh in (False, True):
            env = {"A": "é=1", "TZ": "ABC-3"}
            data = gate.call("it", env=env, fresh=fresh)
            self.assertEqual(data["stdout"], "b'\\xc3\\xa9=1' ABC\n")
            self.assertEqual(gate.call("it", fresh=fresh)["stdout"], "None UTC\n")

    def test_no_two_calls_draw_the_same_random_numbers(self):
        gate = self.open({"draws": ("old", DRAWS), "ok": ("old", "import random")})
        drawn = [gate.printed("draws") for _ in range(4)]
        self.assertEqual(len({number for number, _ in drawn}), 4)
        self.assertEqual(len({name for _, name in drawn}), 4)

    def test_a_module_can_be_pickled_and_use_processes(self):
        gate = self.open({"it": ("old", PICKLES)})
        self.assertEqual(gate.printed("it"), 90)

    def test_a_file_in_the_current_folder_is_not_imported(self):
        names = ("json", "zlib", "codecs", "select", "_json", "re", "fcntl", "site")
        for name in names + ("stray", "sitecustomize"):
            with open(os.path.join(self.home, name + ".py"), "w") as file:
                file.write("raise SystemExit('stray')")
        source = "import json, re, tempfile\ntry:\n  import stray\n"
        source += "except ImportError:\n  print(1)"
        gate = self.open({"it": ("old", source)}, cwd=self.home)
        self.assertEqual(gate.printed("it"), 1)
        self.assertEqual(gate.printed("it", fresh=True), 1)

    def test_a_fresh_interpreter_has_the_same_path_with_safe_path(self):
        source = "import sys; print(sys.path)"
        env = {"PYTHONPATH": "/a:/b", "PYTHONSAFEPATH": "1"}
        gate = self.open({"it": ("old", source)}, **env)
        seen = gate.call("it")["stdout"]
        self.assertIn("'/a', '/b'", seen)
        self.assertEqual(gate.call("it", fresh=True)["stdout"], seen)

    def test_a_compiled_module_runs_without_its_file(self):
        modules = {"it": ("native", "def main(): return 1")}
        first = self.open(modules)
        first.call("it")
        first.shutdown()
        gate = self.open(modules)
        os.remove(self.host_folder("gates", gate.about["gate"], "modules/it.py"))
        self.assertEqual(gate.call("it")["value"], 1)

    def test_no_compiled_files_are_written_if_the_host_forbids_it(self):
        folder = os.path.join(self.home, "lib")
        os.mkdir(folder)
        with open(os.path.join(folder, "fresh_module.py"), "w") as file:
            file.write("x = 1")
        source = "import sys; sys.path.append(%r); import fresh_module" % folder
        gate = self.open({"it": ("old", source)})
        self.assertEqual(gate.call("it")["rc"], 0)
        self.assertEqual(os.listdir(folder), ["fresh_module.py"])

    def test_compiled_code_of_the_gate_is_kept_all_the_same(self):
        gate = self.open({"it": ("old", "print(1)")})
        gate.call("it")
        gate.shutdown()
        cache = code_cache.load(self.host_folder("gates", gate.about["gate"]))
        self.assertLessEqual({"gate", "calls", "modules/it.py"}, set(cache.codes))

    def test_a_package_that_a_call_installed_is_found_by_the_next(self):
        library = os.path.join(self.home, "library")
        os.mkdir(library)
        installs = (
            "import os, sys\nhere = %r + '/fresh_package'\n"
            "os.makedirs(here, exist_ok=True)\n"
            "open(here + '/__init__.py', 'w').write('version = ' + sys.argv[0][-4])\n"
        ) % library
        gate = self.open(
            {
                "installs1": ("old", installs),
                "uses": ("old", "import fresh_package; print(fresh_package.version)"),
            },
            PYTHONPATH=library,
        )
        self.assertIn("fresh_package", gate.call("uses")["stderr"])
        self.assertEqual(gate.call("installs1")["rc"], 0)
        self.assertEqual(gate.printed("uses"), 1)

    def test_an_import_is_forgotten_when_its_file_is_replaced(self):
        library = os.path.join(self.home, "library")
        os.mkdir(library)
        core = {
            "ansible/module_utils/basic.py": "PASS_VARS = {}\n"
            "try:\n  from fresh import version\n"
            "except ImportError:\n  version = None\n"
        }
        source = "from ansible.module_utils import basic\nprint(basic.version)\n"
        gate = self.open({"it": ("new", source)}, core, PYTHONPATH=library)
        self.assertEqual(gate.call("it")["stdout"], "None\n")
        for version in (1, 22, 333):
            path = os.path.join(library, "fresh.py")
            with open(path + ".new", "w") as file:
                file.write("version = %d" % version)
            os.rename(path + ".new", path)
            self.assertEqual(gate.printed("it"), version)

    def test_calls_run_in_a_new_interpreter_after_python_was_replaced(self):
        modules = {
            "it": ("old", "import sys; print(int('ftl_gate.gate' in sys.modules))")
        }
        gate = self.open_changed(
            modules,
            "from ftl_gate import gate, modules, trees\n"
            "modules.Library.is_outdated = lambda self: True\n"
            "gate.serve('', trees.Tree(sys.argv[1]), b'')",
        )
        gate.hello()
        self.assertEqual([gate.printed("it") for _ in range(2)], [0, 0])

    def test_a_gate_survives_the_replacement_of_the_python_library(self):
        gate = self.open_changed(
            {"it": ("old", "print(1)")},
            "from ftl_gate import gate, trees\n"
            "sys.modules['json'] = None\n"
            "gate.serve('', trees.Tree(sys.argv[1]), b'')",
        )
        gate.hello()
        self.assertEqual([gate.printed("it") for _ in range(3)], [1, 1, 1])

    def test_output_of_a_util_during_its_import_does_no_harm(self):
        core = {
            "ansible/module_utils/basic.py": "import os\nPASS_VARS = {}\n"
            "print('noise')\nos.write(1, b'noise')\nos.close(0)\n",
            "ansible/module_utils/closes.py": "import sys\nsys.stdout = None\n",
        }
        source = "from ansible.module_utils import basic\nprint(5)\n"
        closes = "from ansible.module_utils.closes import sys"
        gate = self.open({"it": ("new", source), "closes": ("new", closes)}, core)
        self.assertEqual([gate.printed("it") for _ in range(2)], [5, 5])
        gate.call("closes")
        self.assertEqual(gate.call("it")["rc"], 0)

    def test_a_core_that_refuses_this_python_fails_only_its_own_calls(self):
        core = {"ansible/module_utils/basic.py": "print('{}')\nraise SystemExit('no')"}
        source = "from ansible.module_utils import basic\n"
        gate = self.open({"it": ("new", source), "ok": ("old", "print(1)")}, core)
        for _ in range(2):
            data = gate.call("it")
            self.assertEqual((data["rc"], data["stderr"]), (1, "no\n"))
            self.assertEqual(data["stdout"], "{}\n")
            self.assertEqual(gate.printed("ok"), 1)

    def test_output_is_intact_in_every_locale(self):
        gate = self.open(
            {"it": ("old", "import sys; sys.stdout.buffer.write('é'.encode())")},
            {"site/é.txt": "é"},
            LANG="C",
            LC_ALL="C",
            PYTHONCOERCECLOCALE="0",
            PYTHONUTF8="0" if sys.version_info >= (3, 7) else None,
        )
        self.assertEqual(gate.call("it", {"k": "é"}, fresh=True)["stdout"], "é")
        self.assertEqual(gate.call("it", {"k": "é"})["stdout"], "é")
