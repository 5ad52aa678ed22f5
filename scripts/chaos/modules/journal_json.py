# WANT_JSON
# A module with arguments in JSON that notes in a host's journal when a call begins
# and ends.
import json
import os
import sys
import select


def note(journal, text):
    fd = os.open(journal, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


with open(sys.argv[1]) as file:
    args = json.load(file)
note(args["journal"], "begin %s\n" % args["id"])
select.select([], [], [], args["sleep"])
note(args["journal"], "end %s\n" % args["id"])
print(json.dumps({"id": args["id"], "data": "x" * args["size"]}))
