"""What Ansible makes of texts of arguments: a list of texts on stdin, on stdout
for each what parse_kv gives, as for most modules and as for commands; null where
it refuses the text."""
import json
import sys

from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv


def parse(text, is_command):
    try:
        return dict(parse_kv(text, check_raw=is_command))
    except (AnsibleError, UnicodeDecodeError):
        return None


json.dump(
    [
        {"text": text, "plain": parse(text, False), "command": parse(text, True)}
        for text in json.load(sys.stdin)
    ],
    sys.stdout,
)
