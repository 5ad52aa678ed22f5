"""Prints the argument specs that modules hand to AnsibleModule.

Reads a JSON list of [folder of packages, name to import] from stdin, imports each
module in a process of its own, runs its main() up to the creation of AnsibleModule,
and prints a JSON object: name to spec, without the modules that do not get there.
"""
import importlib
import json
import os
import signal
import sys

SECONDS = 20


def describe(spec):
    return {
        name: {
            "aliases": list(entry.get("aliases") or []),
            "required": bool(entry.get("required")) and not entry.get("fallback"),
            "choices": [str(each) for each in entry.get("choices") or []],
            "type": str(entry.get("type") or "str"),
        }
        for name, entry in spec.items()
    }


def trace(name, report):
    from ansible.module_utils import basic

    def begin(_self, argument_spec, *_, add_file_common_args=False, **__):
        spec = dict(basic.FILE_COMMON_ARGUMENTS) if add_file_common_args else {}
        spec.update(argument_spec)
        os.write(report, json.dumps(describe(spec)).encode())
        os._exit(0)

    basic.AnsibleModule.__init__ = begin
    signal.alarm(SECONDS)
    importlib.import_module(name).main()


def spec_of(folder, name):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        sys.path.insert(0, folder)
        sys.argv = [name]
        try:
            trace(name, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as report:
        text = report.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


specs = {name: spec_of(folder, name) for folder, name in json.load(sys.stdin)}
print(json.dumps({name: spec for name, spec in specs.items() if spec is not None}))
