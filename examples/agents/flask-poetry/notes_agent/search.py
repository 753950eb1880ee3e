"""Finds notes by the words they share with a question."""

import re

STOP = {"the", "a", "an", "is", "are", "in", "of", "to", "what", "where", "how"}


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - STOP


class Notes:
    def __init__(self, texts: list[str]) -> None:
        self._texts = list(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> None:
        self._texts.append(text)

    def find(self, question: str) -> list[str]:
        wanted = words(question)
        ranked = sorted(self._texts, key=lambda text: -len(words(text) & wanted))
        return [text for text in ranked if words(text) & wanted]
