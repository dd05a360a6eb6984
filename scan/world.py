"""Fills a new server: an owner with one private thing of each kind, and another account that may reach none of them.

usage: world.py URL DOORPOST FOLDER     prints {"token": of the other account, "hidden": {parameter: id}}
"""

import base64
import json
import pathlib
import struct
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
import zlib

SERVER, DOORPOST, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def call(method, path, body=None, by=None, raw=None):
    """The answer's JSON; an answer that is an error ends the program with its text."""
    headers = {"content-type": "application/octet-stream" if raw else "application/json"}
    if by:
        headers["authorization"] = f"Bearer {by}"
    data = raw if raw else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{SERVER}{path}", method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")
    return json.loads(text) if text else None


def register(handle):
    proof = base64.urlsafe_b64encode(handle.encode().ljust(32, b"-")).decode().rstrip("=")
    return call("POST", "/api/auth/register", {"handle": handle, "name": handle, "proof": proof})["token"]


def client(*args):
    """The headless client as a host, for what needs MLS."""
    command = [DOORPOST, "client", "--server", SERVER, "--home", str(FOLDER / "host"), *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(args)}: {done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def png(side=64):
    """A picture of one colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x30\x80\x60" * side) * side
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def new_id():
    return str(uuid.uuid4())


def post(by, audience, **more):
    """Writes a post; gives its id."""
    post_id = new_id()
    call("POST", "/api/posts", {"post_id": post_id, "text": "", "audience": audience} | more, by)
    return post_id


def photo(by):
    media_id, picture = new_id(), png()
    call("POST", "/api/media", {"media_id": media_id, "size_bytes": len(picture)}, by)
    call("PUT", f"/api/media/{media_id}/parts/0", by=by, raw=picture)
    call("POST", f"/api/media/{media_id}/finish", by=by)
    return media_id


def main():
    register("keeper")  # the first account is the operator
    FOLDER.mkdir(parents=True, exist_ok=True)
    password = FOLDER / "password"
    password.write_text("a password of the host's")
    client("register", "--handle", "host", "--name", "Host", "--password-file", str(password))
    chat_post = client("post", "--text", "Come in", "--audience", "connections", "--chat", "Inner circle")
    owner, friend, other = register("owner"), register("friend"), register("other")
    call("POST", "/api/connections/owner/request", by=friend)
    call("POST", "/api/connections/friend/accept", by=owner)
    connections = {"kind": "connections"}
    list_id = call("POST", "/api/lists", {"name": "Close"}, owner)["list_id"]
    call("POST", f"/api/lists/{list_id}/members", {"add": ["friend"]}, owner)
    media_id = photo(owner)
    hidden_post = post(
        owner,
        {"kind": "lists", "list_ids": [list_id]},
        text="For few",
        media=[{"media_id": media_id, "alt": "A green square"}],
    )
    canvas = {"version": 1, "background": {"kind": "gradient", "gradient": "sea"}, "layers": []}
    canvas["layers"].append(
        {"x": 500, "y": 500, "scale": 1000, "rotation": 0, "kind": "text", "text": "For few", "ink": "light"}
    )
    story = post(owner, connections, story=canvas)
    comment_id = new_id()
    call("POST", f"/api/posts/{hidden_post}/comments", {"comment_id": comment_id, "text": "Only us"}, friend)
    highlight_id = new_id()
    call("PUT", f"/api/highlights/{highlight_id}", {"name": "Summer", "post_ids": [story]}, owner)
    group_id = call("POST", "/api/groups", {"name": "Hidden rowers", "kind": "secret"}, owner)["group_id"]
    group_post = post(owner, {"kind": "group", "group_id": group_id}, text="Inside")
    session_id = call("GET", "/api/sessions", by=owner)
    session_id = (session_id["items"] if isinstance(session_id, dict) else session_id)[0]["session_id"]
    hidden = {
        "post_id": [hidden_post, story, group_post],
        "list_id": [list_id],
        "media_id": [media_id],
        "comment_id": [comment_id],
        "highlight_id": [highlight_id],
        "group_id": [group_id],
        "session_id": [session_id],
    }
    for row in chat_post:
        find_ids(row, hidden)
    print(json.dumps({"token": other, "hidden": hidden}))


def find_ids(value, hidden):
    """Adds the ids of chat, invite and post that the client told."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("chat_id", "invite_id", "post_id") and isinstance(inner, str):
                hidden.setdefault(key, []).append(inner)
            find_ids(inner, hidden)
    elif isinstance(value, list):
        for inner in value:
            find_ids(inner, hidden)


main()
