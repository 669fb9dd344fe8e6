"""What a schema cannot say: refusals of requests that fit it, and that are right all the same.

schemathesis holds that whatever fits the schemas is accepted. A refusal that depends on what is stored, on the time, or
on two parameters together is beyond them. Each is excused by its code alone, and only where the request gives cause for
it; a refusal without cause stays a finding. No other check has an excuse.
"""

import datetime
import re

from schemathesis.openapi.checks import RejectedPositiveData


def holds(failure, case, response):
    """Whether a failure is a refusal that no schema foretells."""
    if not isinstance(failure, RejectedPositiveData):
        return False
    problem = response.json()
    excuse = EXCUSES.get(problem["code"])
    return excuse is not None and excuse(case, problem)


def bad_request(case, problem):
    # schemathesis is wrong: it finds no value for a header whose pattern asks for a "-", takes one that breaks the
    # pattern, and calls it valid.
    return re.fullmatch("[0-9a-f]{1,8}-[0-9a-f]{1,16}", (case.headers or {}).get("Stepwell-Bookmark", "0-0")) is None


def version_mismatch(case, problem):
    # RFC 9110, 13.1.1: 412 where `If-Match` names another version; no schema knows which is stored.
    return "If-Match" in (case.headers or {})


def idempotency_mismatch(case, problem):
    # draft-ietf-httpapi-idempotency-key-header, 2.7: 422 where a key comes again with another body.
    return "Idempotency-Key" in (case.headers or {})


def invalid(case, problem):
    return all(value_is_wrong(case, error) for error in problem["errors"])


def value_is_wrong(case, error):
    value = at(case.body, error["pointer"])
    match error["code"], error["pointer"].strip("/0123456789").rsplit("/", 1)[-1]:
        # The record that a relation names does not exist; which do, is not in the schema.
        case "missing", "topic":
            return isinstance(value, str)
        # The password that is to be changed is another.
        case "wrong", "old":
            return isinstance(value, str)
        # A key cannot expire before it is made; `format` cannot ask for a time to come.
        case "format", "expires":
            return datetime.datetime.fromisoformat(value.upper()) <= datetime.datetime.now(datetime.UTC)
        # Which paths a request may have is more than a pattern should say: some encodings and segments are refused.
        case "format", "paths":
            return re.search(r"[^!-~]|[%;\\]|/\.|//", value) is not None
    return False


def bad_parameter(case, problem):
    query = case.query or {}
    # Either parameter says where to begin.
    if {"after", "since"} <= query.keys():
        return True
    # A cursor is opaque, and good only with the filters and the order that it was made for.
    if problem["detail"].startswith("after:"):
        return "after" in query
    # Each end of a range is given once, with its value or without.
    ends = [re.sub(r"e\]$", "]", name) for name in query]
    if len(set(ends)) < len(ends):
        return True
    # One index serves all the filters and the order. The list's description says which go together, and a schema
    # cannot: parameters have schemas of their own.
    shaping = {re.sub(r"\[(gte?|lte?)\]$", "", name) for name in query if name.startswith("filter[") or name == "sort"}
    return len(shaping) >= 2


def at(value, pointer):
    """What a JSON pointer leads to."""
    for name in pointer.split("/")[1:]:
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


EXCUSES = {
    "bad-request": bad_request,
    "version-mismatch": version_mismatch,
    "idempotency-mismatch": idempotency_mismatch,
    "invalid": invalid,
    "bad-parameter": bad_parameter,
}
