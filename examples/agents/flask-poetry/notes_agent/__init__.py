"""A notes agent: keeps notes in memory and finds the ones that answer a question."""

from flask import Flask, jsonify, request

from .search import Notes


def create_app() -> Flask:
    app = Flask(__name__)
    notes = Notes(["The kiln reaches 1240 degrees.", "Glazes are kept in the blue cupboard."])

    @app.get("/health")
    def health():
        return jsonify(status="ok")

    @app.post("/notes")
    def add():
        text = (request.get_json(silent=True) or {}).get("text", "").strip()
        if not text:
            return jsonify(error="text is missing"), 400
        notes.add(text)
        return jsonify(count=len(notes)), 201

    @app.get("/ask")
    def ask():
        return jsonify(answers=notes.find(request.args.get("q", "")))

    return app
