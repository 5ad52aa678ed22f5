# What `packaging`, which pip is built on, makes of markers in environments.
import json
import sys

from packaging.markers import Marker

asked = json.load(sys.stdin)
answers = [
    [Marker(text).evaluate(environment) for environment in asked["environments"]]
    for text in asked["markers"]
]
json.dump(answers, sys.stdout)
