# What Ansible makes of texts: reads lines, each a JSON list of them, on stdin, and
# writes for each {"json": TEXT}, or {"error": MESSAGE} where Ansible refuses it.
import json
import sys

from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.parsing.utils.yaml import from_yaml

PASSWORDS = [("default", None)]  # present, never used: nothing is decrypted


def outcome(text):
    try:
        value = from_yaml(text, vault_secrets=PASSWORDS)
        return {"json": json.dumps(value, cls=AnsibleJSONEncoder)}
    except Exception as error:
        return {"error": str(error)}


for line in sys.stdin:
    print(json.dumps([outcome(text) for text in json.loads(line)]), flush=True)
