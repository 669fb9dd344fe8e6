"""The document, taken at its word.

What it leaves open for later versions and for rare failures is closed here: then a status, or a member of an answer,
that the document does not name is a finding.
"""


def close(document):
    """Closes the document, in place."""
    answers = list(document["components"]["responses"].values())
    for item in document["paths"].values():
        for operation in item.values():
            del operation["responses"]["default"]
            answers.extend(operation["responses"].values())
    media = [media for answer in answers for media in answer.get("content", {}).values()]
    for schema in [media["schema"] for media in media] + list(document["components"]["schemas"].values()):
        close_members(document, schema)
    for one in media:
        close_itself(document, one["schema"])


def close_members(document, schema):
    """Closes what is in the objects that a schema describes, but not these: others may extend the schema."""
    for member in schema.get("properties", {}).values():
        close_itself(document, member)
    for member in schema.get("anyOf", []) + [schema[key] for key in ["items"] if key in schema]:
        close_itself(document, member)


def close_itself(document, schema):
    """Closes the objects that a schema describes where it is used."""
    target = schema
    if "$ref" in schema:
        target = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    else:
        close_members(document, schema)
    if target.get("type") == "object" and "properties" in target:
        schema.setdefault("unevaluatedProperties", False)
