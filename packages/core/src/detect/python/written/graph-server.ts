/**
 * The server that Kiln writes beside a compiled graph which brings none: Python's own library, the stateless part of the
 * LangGraph API. It is part of the plan, so that everybody can read and replace it.
 */
export const graphServer = `"""Serves compiled graphs over HTTP. Written by Kiln; it needs nothing but Python and the graphs.

usage: python kiln_graphs.py PORT NAME=MODULE:OBJECT...

GET  /ok            {"ok": true}
GET  /info          the names of the graphs
POST /runs/wait     {"assistant_id": NAME, "input": {...}, "config": {...}} gives the last state
POST /runs/stream   the same; every state as a server-sent event
"""

import asyncio
import importlib
import inspect
import json
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST = 16 * 2**20
loop = asyncio.new_event_loop()
graphs = {}


def load(target):
    module, _, name = target.partition(":")
    found = getattr(importlib.import_module(module), name)
    if not hasattr(found, "ainvoke") and callable(found):
        found = found({}) if inspect.signature(found).parameters else found()
        if inspect.isawaitable(found):
            found = asyncio.run_coroutine_threadsafe(found, loop).result()
    return found


def plain(value):
    for method in ("model_dump", "dict", "_asdict"):
        if callable(getattr(value, method, None)):
            return getattr(value, method)()
    return list(value) if isinstance(value, (set, frozenset, tuple)) else str(value)


def text(value):
    return json.dumps(value, default=plain)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ok":
            return self.answer(200, {"ok": True})
        if self.path == "/info":
            return self.answer(200, {"graphs": sorted(graphs)})
        return self.answer(404, {"error": "not found"})

    def do_POST(self):
        asked, why = self.asked()
        if asked is None:
            return self.answer(400, {"error": why})
        graph = graphs.get(asked.get("assistant_id") or next(iter(graphs)))
        if graph is None:
            return self.answer(404, {"error": "no such assistant_id"})
        try:
            if self.path == "/runs/wait":
                return self.answer(200, self.run(graph.ainvoke(asked.get("input"), asked.get("config"))))
            if self.path == "/runs/stream":
                return self.stream(graph, asked)
        except Exception as error:
            traceback.print_exc()
            return self.answer(500, {"error": type(error).__name__})
        return self.answer(404, {"error": "not found"})

    def asked(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            return None, "the body must have a length of at most %d bytes" % LARGEST
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except ValueError:
            return None, "the body is no JSON"
        return (body, "") if isinstance(body, dict) else (None, "the body must be an object")

    def run(self, task):
        return asyncio.run_coroutine_threadsafe(task, loop).result()

    def stream(self, graph, asked):
        states = graph.astream(asked.get("input"), asked.get("config"), stream_mode="values").__aiter__()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.event("values", self.run(states.__anext__()))
        except StopAsyncIteration:
            self.event("end", None)
        except OSError:
            pass
        except Exception as error:
            traceback.print_exc()
            self.event("error", {"error": type(error).__name__})

    def event(self, name, value):
        self.wfile.write(("event: %s\\ndata: %s\\n\\n" % (name, text(value))).encode())
        self.wfile.flush()

    def answer(self, status, value):
        body = text(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def main(port, *targets):
    sys.path.insert(0, ".")
    threading.Thread(target=loop.run_forever, daemon=True).start()
    for target in targets:
        name, _, place = target.partition("=")
        graphs[name] = load(place)
    print("serving %s on port %s" % (", ".join(sorted(graphs)), port), flush=True)
    ThreadingHTTPServer(("0.0.0.0", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
`
