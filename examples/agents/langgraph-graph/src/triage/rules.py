TOPICS = {"tap": "plumbing", "water": "plumbing", "lamp": "electricity", "heating": "heating"}
URGENT = ("flood", "smoke", "no heating", "everywhere")


def topic_of(text: str) -> str:
    words = text.lower()
    return next((topic for word, topic in TOPICS.items() if word in words), "other")


def urgency_of(text: str) -> int:
    return 1 + sum(sign in text.lower() for sign in URGENT)
