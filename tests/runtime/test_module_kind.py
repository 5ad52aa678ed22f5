# The kind of a module, with the files that the TypeScript is tested with too.
import json
import os
import unittest

from ftl_gate import module_kind
from gate_process import fixture

CASES = json.loads(fixture("kinds/kinds.json").decode())


class Kinds(unittest.TestCase):
    def test_each_file_has_the_kind_in_the_list(self):
        for name, kind in CASES.items():
            with self.subTest(name):
                source = fixture(os.path.join("kinds", name))
                if kind == "refused":
                    with self.assertRaisesRegex(ValueError, "^is (a|of|only) "):
                        module_kind.detect(source)
                else:
                    self.assertEqual(module_kind.detect(source), kind)

    def test_the_words_of_a_shebang_are_found(self):
        for text, words in (
            ("#!/bin/sh -e\nx", ["/bin/sh", "-e"]),
            ("#! /usr/bin/env  perl", ["/usr/bin/env", "perl"]),
            ("#!/bin/sh\r\n", ["/bin/sh"]),
            ("#!", []),
            ("#/bin/sh", None),
            ("", None),
        ):
            self.assertEqual(module_kind.interpreter(text), words)
