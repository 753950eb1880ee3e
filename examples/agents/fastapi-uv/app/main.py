"""A travel agent: looks up the weather with a tool, then asks a model for advice."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from app.model import ModelError, complete
from app.tools import forecast

api = FastAPI(title="travel-agent")


class Question(BaseModel):
    text: str = Field(min_length=1, max_length=2000)
    city: str | None = None


@api.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@api.get("/weather/{city}")
def weather(city: str) -> dict[str, str]:
    return {"city": city, "forecast": forecast(city)}


@api.post("/ask")
async def ask(question: Question) -> dict[str, str]:
    note = f" The weather in {question.city}: {forecast(question.city)}." if question.city else ""
    try:
        return {"answer": await complete(question.text + note)}
    except ModelError as error:
        raise HTTPException(status_code=502, detail=str(error)) from error
