from typing import TypedDict


class Letter(TypedDict, total=False):
    text: str
    topic: str
    urgency: int
    answer: str
