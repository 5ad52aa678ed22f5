# The gate's end of what it shares with ftl: reads lines, each a JSON list of inputs in
# base64, on stdin, and writes what each is to the gate's own code: the bodies of its frames in
# hex, and the object that a module printed.
import base64
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "src", "gate", "runtime"))
sys.dont_write_bytecode = True

from ftl_gate import frames, module_output  # noqa: E402


def bodies_of(data):
    """The bodies up to where the stream cannot be read on."""
    decoder = frames.Decoder()
    bodies = []
    try:
        for at in range(0, len(data), 7):
            decoder.feed(data[at : at + 7])
            while True:
                body = decoder.next()
                if body is None:
                    break
                bodies.append(body.hex())
                try:
                    frames.message(body)
                except ValueError:
                    pass
    except frames.BadStream:
        pass
    return bodies


def outcome(data):
    try:
        found = module_output.last_object(data.decode("utf-8", "replace"))
        shown = None if found is None else "%d members" % len(found)
        return {"bodies": bodies_of(data), "object": shown, "fault": None}
    except BaseException as error:
        return {"bodies": None, "object": None, "fault": repr(error)}


for line in sys.stdin:
    inputs = [base64.b64decode(each) for each in json.loads(line)]
    print(json.dumps([outcome(data) for data in inputs]), flush=True)
