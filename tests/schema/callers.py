"""Who calls: nobody in particular, somebody with a wrong token, somebody who is signed in, the operator.

Every caller is tried on every operation, so that what it may not do is tried as well.
"""

import itertools

import requests
import schemathesis

# As the document's examples have it, so that the example of a password change is right.
PASSWORD = "correct horse battery"
# What ends the caller's own session. Each gets one of its own, or all that comes after would be done by nobody.
ENDS_SESSION = {"change_password", "log_out", "log_out_everywhere"}

numbers = itertools.count()
# The token of whoever leaves next.
leaver = None


def register(caller, server, operator_token):
    """Makes every request carry what `caller` has."""
    if caller == "anonymous":
        return
    tokens = {"impostor": lambda: "nobody-has-issued-this", "operator": lambda: operator_token, "account": lambda: sign_in(server)}
    token = tokens[caller]()

    # A token lives longer than a run; what is cached here would outlive its session.
    @schemathesis.auth(refresh_interval=None)
    class Caller:
        def get(self, case, context):
            global leaver
            operation = context.operation.definition.raw["operationId"]
            if caller != "account" or operation not in ENDS_SESSION:
                return token
            leaver = leaver or sign_in(server)
            return leaver

        def set(self, case, data, context):
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


def heard(case, response):
    """Takes notice of sessions that have ended."""
    global leaver
    operation = case.operation.definition.raw["operationId"]
    if operation in ENDS_SESSION and response.status_code < 300:
        leaver = None


def sign_in(server):
    """The access token of somebody new."""
    credentials = {"email": f"caller-{next(numbers)}@example.com", "password": PASSWORD}
    for path in ("/v1/accounts", "/v1/sessions"):
        answer = requests.post(server + path, json=credentials, timeout=30)
        answer.raise_for_status()
    return answer.json()["access_token"]
