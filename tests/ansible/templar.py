"""Renders the templates of stdin as Ansible does, and prints texts or errors."""

import copy
import json
import sys

from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleEnvironment, Templar
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder


def main():
    given = json.load(sys.stdin)
    _AnsibleCollectionFinder(given["paths"])._install()
    answers = []
    for text in given["templates"]:
        variables = copy.deepcopy(given["variables"])
        templar = Templar(DataLoader(), variables=variables)
        plain = templar.copy_with_new_env(environment_class=AnsibleEnvironment)
        try:
            answers.append({"text": plain.do_template(text, escape_backslashes=False)})
        except Exception as error:
            answers.append({"error": str(error)})
    json.dump(answers, sys.stdout)


main()
