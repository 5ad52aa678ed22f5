# Native modules: what `main` may be, receive, return, report and raise.
import json
import unittest

from ftl_gate import native
from gate_process import GateTest, fixture

DECORATED = """
import functools
def twice(function):
    @functools.wraps(function)
    def both(*args, **kwargs):
        return [function(*args, **kwargs), function(*args, **kwargs)]
    return both
@twice
def main(x, progress=None, check_mode=False):
    return [x, progress is not None, check_mode]
"""
WHOLE = """
import enum, json as j, pickle, typing
from os import path
TABLE = {"a": 1}
class Color(enum.Enum):
    RED = 1
class Point(typing.NamedTuple):
    x: int
def helper():
    return TABLE["a"] + later()
def later():
    return 1
def main():
    import sys, __main__
    assert pickle.loads(pickle.dumps([Color.RED, Point(1)])) == [Color.RED, Point(1)]
    assert __main__.helper is helper and __name__ != "__main__"
    return [helper(), path.basename(__file__), len(sys.argv), j.dumps(1)]
if __name__ == "__main__":
    raise SystemExit("It was run as a script")
"""
RAISES = """
class Odd(Exception):
    pass
def deep():
    raise Odd("why \\udcff é")
async def wait():
    deep()
def main(wait_for_it=False):
    return wait() if wait_for_it else deep()
"""


def returns(expression):
    return "native", "def main(x=None): return %s" % expression


class Native(GateTest):
    def value(self, source, args=None, **options):
        data = self.open({"it": ("native", source)}).call("it", args, **options)
        self.assertNotIn("exception", data)
        return data["value"]

    def exception(self, source, args=None):
        data = self.open({"it": ("native", source)}).call("it", args)
        self.assertEqual((data["state"], data["rc"]), ("ended", 1))
        self.assertNotIn("value", data)
        return data["exception"]

    def test_main_may_be_async_and_use_imports_and_helpers(self):
        gate = self.open({"greet": ("native", fixture("greet.py"))})
        data = gate.call("greet", {"name": "you"})
        self.assertEqual(data["rc"], 0)
        self.assertIn("you", json.dumps(data["value"]))
        self.assertEqual(self.value(WHOLE), [2, "it.py", 1, "1"])

    def test_arguments_are_passed_by_name(self):
        source = "def main(a, *, b=2, **rest): return [a, b, rest]"
        self.assertEqual(self.value(source, {"a": 1}), [1, 2, {}])
        args = {"a": 1, "b": None, "c": {"d": "é"}}
        self.assertEqual(self.value(source, args), [1, None, {"c": {"d": "é"}}])

    def test_arguments_that_are_missing_or_too_many_are_named(self):
        source = "def main(size, mode=1): pass"
        for args, name in (({}, "'size'"), ({"size": 1, "sise": 2}, "'sise'")):
            raised = self.exception(source, args)
            self.assertEqual(raised["type"], "TypeError")
            self.assertIn(name, raised["message"])
            self.assertNotIn("ftl_gate", raised["traceback"])

    def test_a_module_without_main_is_an_error(self):
        raised = self.exception("def mane(): pass")
        self.assertEqual(raised["message"], "The module has no function main")

    def test_main_may_be_decorated_or_another_callable(self):
        self.assertEqual(self.value(DECORATED, {"x": 1}), [[1, True, False]] * 2)
        data = self.value(DECORATED, {"x": 1}, check=True)
        self.assertEqual(data, [[1, True, True]] * 2)
        partial = "import functools\nmain = functools.partial(dict, a=1)"
        self.assertEqual(self.value(partial, {"b": 2}), {"a": 1, "b": 2})
        instance = "class C:\n  def __call__(self, b): return b\nmain = C()"
        self.assertEqual(self.value(instance, {"b": 2}), 2)

    def test_a_module_with_the_name_of_a_standard_one_does_not_replace_it(self):
        source = "import json, asyncio\nasync def main(): return json.dumps([])"
        gate = self.open({"json": ("native", source), "time": ("native", source)})
        self.assertEqual(gate.call("json")["value"], "[]")
        self.assertEqual(gate.call("time")["value"], "[]")

    def test_progress_is_reported_before_the_result(self):
        source = (
            "async def main(progress):\n"
            "  for at in range(3): progress({'at': at})\n"
            "  progress(None)\n  return 'done'"
        )
        gate = self.open({"it": ("native", source)})
        ident = gate.start_call("it")
        self.assertEqual(gate.result(ident)["value"], "done")
        wanted = [{"data": {"at": 0}}, {"data": {"at": 1}}, {"data": {"at": 2}}]
        wanted.append({"data": None})
        self.assertEqual(gate.events, [("Progress", data, ident) for data in wanted])

    def test_five_thousand_progress_reports_arrive(self):
        source = "def main(progress):\n  for at in range(5000): progress('x' * 2000)"
        gate = self.open({"it": ("native", source)})
        self.assertEqual(gate.call("it")["rc"], 0)
        self.assertEqual(len(gate.events), 5000)

    def test_an_argument_named_progress_is_passed_as_it_is(self):
        self.assertEqual(
            self.value("def main(progress): return progress", {"progress": 1}), 1
        )

    def test_check_mode_is_a_parameter_or_the_module_is_skipped(self):
        source = "def main(check_mode=False): return check_mode"
        self.assertIs(self.value(source, check=True), True)
        self.assertIs(self.value(source), False)
        data = self.open({"it": returns("1")}).call("it", check=True)
        self.assertEqual((data["state"], data["rc"]), ("skipped", None))
        self.assertIn("check_mode", data["reason"])
        self.assertNotIn("value", data)

    def test_printed_text_is_kept_apart_from_the_value(self):
        data = self.open({"it": returns("print('x') or 5")}).call("it")
        self.assertEqual((data["stdout"], data["value"]), ("x\n", 5))

    def test_every_json_value_is_returned_unchanged(self):
        for value in (None, True, 0, -1.5, 10**20, "é😀\0\ud800", [], {"a": [{}]}):
            with self.subTest(repr(value)):
                source = "def main(x): return x"
                self.assertEqual(self.value(source, {"x": value}), value)

    def test_a_value_that_is_not_json_or_does_not_fit_is_an_exception(self):
        deep = "__import__('functools').reduce(lambda v, _: [v], range(%d), 1)"
        wrong = {
            "{1, 2}": "set is not JSON",
            "b'x'": "bytes is not JSON",
            "{(1,): 2}": "keys must be",
            deep % 199: "nested more than",
            deep % 5000: "recursion|nested more than",
            "x.append(x) or x": "recursion",
            "[0] * 1000000": "more than 999900 values",
            "'x' * 100000000": "longer than",
        }
        for expression, words in wrong.items():
            with self.subTest(expression):
                source = "def main(x=None):\n  x = []\n  return " + expression
                self.assertRegex(self.exception(source)["message"], words)

    def test_numbers_that_json_lacks_are_returned(self):
        source = "def main():\n  return [float('nan'), -float('inf')]"
        value = self.value(source)
        self.assertEqual(repr(value), "[nan, -inf]")

    def test_a_value_that_just_fits_is_returned(self):
        for expression in (
            "__import__('functools').reduce(lambda v, _: [v], range(198), 1)",
            "[0] * 999800",
            "print('\\0' * (16 << 20)) or 'x' * (40 << 20)",
        ):
            with self.subTest(expression):
                gate = self.open({"it": returns(expression)})
                data = gate.call("it")
                self.assertIn("value", data)

    def test_an_exception_is_reported_with_a_traceback_without_our_frames(self):
        for wait_for_it in (False, True):
            raised = self.exception(RAISES, {"wait_for_it": wait_for_it})
            self.assertEqual(raised["type"], "Odd")
            self.assertEqual(raised["message"], "why \udcff é")
            self.assertIn("in deep", raised["traceback"])
            for ours in ("ftl_gate", "asyncio"):
                self.assertNotIn(ours, raised["traceback"])

    def test_a_module_may_fail_with_data_of_its_own(self):
        source = (
            "class Failed(Exception):\n  result = {'code': 7, 'failed': 0}\n"
            "def main(x=None):\n  Failed.result.update(x or {1: {2}})\n"
            "  raise Failed('why')"
        )
        data = self.open({"it": ("native", source)}).call("it", {"x": {"a": 1}})
        self.assertEqual((data["rc"], data.get("exception")), (1, None))
        wanted = {"msg": "why", "code": 7, "failed": True, "a": 1}
        self.assertEqual(data["value"], wanted)
        self.assertEqual(self.exception(source)["type"], "Failed")

    def test_a_long_exception_is_cut(self):
        raised = self.exception("def main(): raise ValueError('x' * 3000000)")
        self.assertLessEqual(len(raised["message"]), 1 << 20)
        self.assertLessEqual(len(raised["traceback"]), 1 << 20)

    def test_an_exception_during_the_import_is_reported(self):
        raised = self.exception("import not_there\ndef main(): pass")
        self.assertIn("not_there", raised["message"])
        raised = self.exception("def main(: pass")
        self.assertEqual(raised["type"], "SyntaxError")

    def test_an_exit_is_not_an_exception(self):
        source = "import sys\ndef main(): sys.exit(4)"
        data = self.open({"it": ("native", source)}).call("it")
        self.assertEqual((data["state"], data["rc"]), ("ended", 4))
        self.assertNotIn("exception", data)

    def test_a_module_that_ends_its_process_fails_alone(self):
        gate = self.open({"it": ("native", fixture("nasty/exits_hard_native.py"))})
        for _ in range(2):
            self.assertEqual(gate.call("it")["rc"], 3)

    def test_nonsense_on_the_control_descriptor_is_ignored(self):
        lines = [b"x", b"5", b"[1]", b"null", b'{"exception": 1}', b"\xff", b"{" * 500]
        lines.append(b'{"exception": {"type": 1}}')
        source = "import os\ndef main(x): os.write(3, bytes.fromhex(x) + b'\\n')"
        gate = self.open({"it": ("native", source)})
        for line in lines:
            self.assertEqual(gate.call("it", {"x": line.hex()})["rc"], 0)


class Parameters(unittest.TestCase):
    def test_parameters_are_the_names_of_keywords(self):
        def function(a, b=1, *args, c, d=2, **rest):
            local = a
            return local

        self.assertEqual(native.parameters(function), ("a", "b", "c", "d"))
        self.assertEqual(native.parameters(print), ())
