# The result that a module printed, with the fixtures that the TypeScript is tested
# with too.
import json
import os
import unittest

from ftl_gate import module_output
from gate_process import FIXTURES

with open(os.path.join(FIXTURES, "module_output.json"), encoding="utf-8") as file:
    CASES = json.load(file)


def as_listed(value):
    """JSON has no NaN: the list has it as a text."""
    if isinstance(value, dict):
        return {key: as_listed(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_listed(member) for member in value]
    is_lacking = isinstance(value, float) and value - value != 0
    return json.dumps(value) if is_lacking else value


class ModuleOutput(unittest.TestCase):
    def test_each_text_has_the_object_in_the_list(self):
        for case in CASES:
            with self.subTest(case["name"]):
                found = module_output.last_object(case["stdout"])
                self.assertEqual(as_listed(found), case["object"])

    def test_hostile_text_takes_linear_time(self):
        for text in (
            "{\n" * 300000,
            '{"' * 300000,
            '[{"a":\n' * 100000,
            '{"a": "' + "\\" * 1000000,
            '{"a": "' + '\\"' * 300000,
        ):
            module_output.last_object(text)
