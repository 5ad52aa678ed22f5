# Frames, bodies and series, with the cases that the TypeScript is tested with too.
import json
import os
import unittest

from ftl_gate import frames, v2
from gate_process import FIXTURES


def cases(name):
    path = os.path.join(FIXTURES, "protocol", name + ".json")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["cases"]


def to_bytes(value):
    return value["text"].encode() if "text" in value else bytes.fromhex(value["hex"])


class Frames(unittest.TestCase):
    def read(self, chunks):
        """The bodies of a stream, and the error at its end."""
        decoder, bodies = frames.Decoder(), []
        try:
            for chunk in chunks:
                decoder.feed(chunk)
                while True:
                    body = decoder.next()
                    if body is None:
                        break
                    bodies.append(body)
        except frames.BadStream as error:
            return bodies, "too_long" if "bytes, over" in str(error) else "length"
        return bodies, "end" if decoder.buffer else None

    def test_streams_are_read_in_chunks_of_any_size(self):
        for case in cases("frames"):
            stream = to_bytes(case["stream"])
            wanted = [to_bytes(body) for body in case["bodies"]], case["error"]
            for size in (1, 2, 3, 5, 7, 8, 9, 64, len(stream) + 1):
                with self.subTest(case["name"], size=size):
                    chunks = [
                        stream[at : at + size] for at in range(0, len(stream), size)
                    ]
                    self.assertEqual(self.read(chunks), wanted)

    def test_a_frame_starts_with_its_length_in_bytes(self):
        self.assertEqual(frames.frame('["Hello",{}]'), b'0000000c["Hello",{}]')


class Bodies(unittest.TestCase):
    def test_bodies_are_read_as_the_cases_say(self):
        for case in cases("bodies"):
            with self.subTest(case["name"]):
                body = to_bytes(case["body"])
                if case.get("error"):
                    with self.assertRaises(ValueError):
                        frames.message(body)
                    continue
                kind, data, ident = frames.message(body)
                message = [kind, data] if ident is None else [kind, data, ident]
                self.assertEqual(message, case.get("message", message))

    def test_values_are_written_as_ascii_and_read_back_unchanged(self):
        value = ['é€😀\ud800\0"\\/\n', 1, -2.5, 10**30, None, True, {"a": []}, {}]
        text = frames.dumps(value)
        self.assertEqual(text, json.dumps(value, separators=(",", ":")))
        self.assertEqual(frames.loads(text.encode("ascii")), value)

    def test_nan_and_infinities_are_read_and_written(self):
        text = b'["NaN",[NaN,Infinity,-Infinity]]'
        self.assertEqual(frames.dumps(frames.loads(text)).encode(), text)

    def test_a_value_that_is_not_json_cannot_be_written(self):
        for value in ({1, 2}, b"x", object()):
            with self.subTest(repr(value)), self.assertRaises((ValueError, TypeError)):
                frames.dumps(value)

    def test_at_most_a_million_values_are_read(self):
        frames.loads(b"[" + b"1," * (frames.MAX_VALUES - 1) + b"1]")
        frames.loads(b'["' + b",[{" * frames.MAX_VALUES + b'"]')
        with self.assertRaises(ValueError):
            frames.loads(b"[" + b"1," * frames.MAX_VALUES + b"1]")


class Series(unittest.TestCase):
    """The cases hold replies; this session accepts any message as a request."""

    def test_series_are_read_as_the_cases_say(self):
        for case in cases("series"):
            with self.subTest(case["name"]):
                session = Session()
                for body in case["bodies"]:
                    session.receive(body.encode())
                self.assertEqual(session.messages, case["messages"])
                self.assertEqual(session.errors > 0, case["error"] is not None)


class Session(v2.Session):
    """Records every message as if it were a request."""

    def __init__(self):
        super().__init__(None)
        self.messages = []
        self.errors = 0

    def serve(self, kind, data, ident):
        if kind == "Data":
            super().serve(kind, data, ident)
        else:
            self.messages.append([kind, data, ident])

    def error(self, kind, text, ident):
        self.errors += 1


if __name__ == "__main__":
    unittest.main()
