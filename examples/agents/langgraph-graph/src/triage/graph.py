"""Sorts a letter to the caretaker: what it is about, and how urgent that is."""

from langgraph.graph import END, START, StateGraph

from triage.rules import topic_of, urgency_of
from triage.state import Letter


def read(state: Letter) -> Letter:
    return {"topic": topic_of(state["text"])}


def weigh(state: Letter) -> Letter:
    return {"urgency": urgency_of(state["text"])}


def answer(state: Letter) -> Letter:
    return {"answer": f"{state['topic']}: we come {'today' if state['urgency'] > 1 else 'this week'}."}


graph = (
    StateGraph(Letter)
    .add_node("read", read)
    .add_node("weigh", weigh)
    .add_node("reply", answer)
    .add_edge(START, "read")
    .add_edge("read", "weigh")
    .add_edge("weigh", "reply")
    .add_edge("reply", END)
    .compile()
)
