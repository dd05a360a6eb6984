"""What Schemathesis does not know by itself: the other account's things, and that nobody reaches them."""

import json
import os

import schemathesis

HIDDEN = json.loads(os.environ["DOORPOST_HIDDEN"])
"""Ids of things that the account in use may not know of, by the parameter's name."""

ASKED = {"count": 0}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Every second request is about something hidden, where the path has a place for it."""
    for name, ids in HIDDEN.items():
        if name in (path_parameters or {}):
            value = sum(map(ord, str(path_parameters[name])))
            if value % 2 == 0:
                path_parameters[name] = ids[value // 2 % len(ids)]
    return path_parameters


@schemathesis.check
def hidden_is_never_reached(ctx, response, case):
    """No answer but that for what never was, and no hidden id in any answer that did not name it first."""
    text = response.text
    asked = {str(value) for value in (case.path_parameters or {}).values()}
    sent = f"{response.request.url} {response.request.body!r}"
    for ids in HIDDEN.values():
        for hidden in ids:
            if hidden in asked:
                ASKED["count"] += 1
                assert response.status_code >= 400, f"{hidden} was reached: {response.status_code} {text[:200]}"
            elif hidden not in sent:
                assert hidden not in text, f"{hidden} is told of: {text[:200]}"


@schemathesis.hook
def after_load_schema(context, schema):
    """At the end it is said how often something hidden was asked for: none would be a check that asserts nothing."""
    import atexit

    atexit.register(lambda: print(f"asked for something hidden: {ASKED['count']} times"))
