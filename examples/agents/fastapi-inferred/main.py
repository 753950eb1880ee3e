"""An agent that answers questions about its own small knowledge file. No requirements.txt: Kiln finds the packages."""
import os

import yaml
from dotenv import load_dotenv
from fastapi import FastAPI

from knowledge import FACTS

load_dotenv()
app = FastAPI(title=os.environ.get("AGENT_NAME", "fact-agent"))


@app.get("/")
def index() -> dict:
    return {"agent": app.title, "topics": sorted(yaml.safe_load(FACTS))}


@app.get("/ask/{topic}")
def answer(topic: str) -> dict:
    facts = yaml.safe_load(FACTS)
    return {"topic": topic, "answer": facts.get(topic, "I do not know.")}
