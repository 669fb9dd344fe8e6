"""What schemathesis is told beside its configuration; it imports this and calls what is marked.

The environment says who calls (`CALLER`: see `callers`), where the server is (`SERVER`), what an operator's token is
(`OPERATOR_TOKEN`), which ids operations can be about (`KNOWN`, by operation), and where to write what each operation answered (`TALLY`).
"""

import atexit
import collections
import json
import os
import re

import schemathesis

import callers
import excuses
import strict

KNOWN = json.loads(os.environ["KNOWN"])
tally = collections.defaultdict(collections.Counter)
callers.register(os.environ["CALLER"], os.environ["SERVER"], os.environ["OPERATOR_TOKEN"])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    strict.close(raw_schema)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Of the ids that are drawn and fit the document, every other stands for one that exists."""
    known = KNOWN.get(context.operation.definition.raw["operationId"])
    drawn = str((path_parameters or {}).get("id"))
    if known and re.fullmatch("[0-7][0-9a-hjkmnp-tv-z]{12}", drawn) and ord(drawn[-1]) % 2 == 0:
        return {**path_parameters, "id": known}
    return path_parameters


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.method.upper() == case.method.upper():
        tally[case.operation.definition.raw["operationId"]][response.status_code] += 1
    callers.heard(case, response)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    return not excuses.holds(failure, case, response)


@atexit.register
def write_tally():
    with open(os.environ["TALLY"], "w", encoding="utf-8") as file:
        json.dump(tally, file)
