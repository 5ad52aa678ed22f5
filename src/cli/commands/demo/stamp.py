# A plain Python module of the demo: it reads its arguments from the file that
# argv[1] names (WANT_JSON), and prints its result as JSON.
import json
import os
import sys

with open(sys.argv[1]) as file:
    args = json.load(file)
path = os.path.expanduser("~/%s" % args["name"])
changed = not os.path.exists(path)
if changed:
    with open(path, "w") as file:
        file.write("stamped\n")
print(json.dumps({"changed": changed, "name": args["name"]}))
