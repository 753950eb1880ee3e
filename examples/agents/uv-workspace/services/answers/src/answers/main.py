from importlib.metadata import version

from fastapi import FastAPI, HTTPException
from glossary import explain, terms

app = FastAPI()


@app.get("/")
def index() -> dict:
    # installed, not merely found on a path: a package of the workspace has its metadata
    return {"glossary": version("glossary"), "terms": terms()}


@app.get("/terms/{name}")
def term(name: str) -> dict:
    meaning = explain(name)
    if meaning is None:
        raise HTTPException(404, f"no term {name}")
    return {"name": name, "meaning": meaning}
