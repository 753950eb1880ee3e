from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

FRONTEND = Path(__file__).parent / "frontend" / "dist"

app = FastAPI()


@app.get("/api/answer")
def answer(question: str) -> dict:
    return {"question": question, "answer": "forty-two" if "life" in question else "ask another one"}


# the page and its script, as the front end's build wrote them
app.mount("/", StaticFiles(directory=FRONTEND, html=True), name="frontend")
