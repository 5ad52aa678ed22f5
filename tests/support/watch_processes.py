# Reads the words and the environment of every process that starts from now on,
# again and again until its stdin ends, and prints those that hold one of the texts
# given there as JSON.
import json
import os
import select
import sys

texts = [text.encode() for text in json.loads(sys.stdin.readline())]

def processes():
    return {name for name in os.listdir("/proc") if name.isdigit()}


before = processes()
print("up", flush=True)
seen, rounds = set(), 0
while not select.select([sys.stdin], [], [], 0.02)[0]:
    rounds += 1
    new = processes() - before
    for path in [f"/proc/{pid}/{name}" for pid in new for name in ("cmdline", "environ")]:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            continue  # it has ended
        if any(text in data for text in texts):
            seen.add((path, data.replace(b"\0", b" ").decode("utf-8", "replace")))
os.write(1, json.dumps({"rounds": rounds, "seen": sorted(seen)}).encode())
