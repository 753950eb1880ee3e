"""The runagents SDK's own calls and its generic ones: runagents_client.py SCENARIO. Prints one JSON value."""

import json
import os
import sys
import time

from runagents.client import APIError, Client

# 1.4.1 and older add no prefix of their own
PREFIX = os.environ.get("PREFIX", "")
SALT = os.environ["SALT"]
client = Client(endpoint=os.environ["ENDPOINT"], api_key=os.environ["KEY"], **json.loads(os.environ.get("OPTIONS", "{}")))
FILES = {"agent.py": f"import requests\n\nif __name__ == '__main__':\n    print('{SALT}', requests.__name__)\n"}


def finished(build):
    seen = [build["status"]]
    for _ in range(600):
        build = client.get(f"{PREFIX}/builds/{build['id']}")
        if build["status"] != seen[-1]:
            seen.append(build["status"])
        if build["status"] in ("SUCCEEDED", "FAILED"):
            return {"build": build, "seen": seen}
        time.sleep(0.1)
    raise SystemExit(f"still {build}")


def build():
    first = client.post(f"{PREFIX}/builds", {"name": "sdk-agent", "files": FILES, "entry_point": "agent.py"})
    return {"first": first, **finished(first)}


def fails():
    files = {**FILES, "requirements.txt": "nonexistent-package\n"}
    first = client.post(f"{PREFIX}/builds", {"name": "sdk-bad", "files": files})
    return {"first": first, **finished(first)}


def looks():
    result = client.analyze(FILES)
    return {
        "analysis": {"requirements": result.detected_requirements, "entry_point": result.entry_point},
        "requirements": client.post(f"{PREFIX}/requirements", {"files": FILES}),
    }


def caught(work):
    try:
        return {"answer": work()}
    except APIError as error:
        return {"status": error.status, "detail": error.detail}


def errors():
    body = {"name": "sdk-agent", "files": FILES}
    wrong = Client(endpoint=os.environ["ENDPOINT"], api_key="kiln_wrong")
    return {
        "unknown": caught(lambda: client.get(f"{PREFIX}/builds/build-00000000")),
        "no files": caught(lambda: client.post(f"{PREFIX}/builds", {"name": "sdk-agent"})),
        "bad name": caught(lambda: client.post(f"{PREFIX}/builds", {**body, "name": "Not A Name"})),
        "entry point": caught(lambda: client.post(f"{PREFIX}/builds", {**body, "entry_point": "other.py"})),
        "key": caught(lambda: wrong.post(f"{PREFIX}/builds", body)),
    }


print(json.dumps(globals()[sys.argv[1]]()))
