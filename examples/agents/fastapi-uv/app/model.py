"""One call of a model with an OpenAI-compatible API."""

import os

import httpx


class ModelError(Exception):
    pass


async def complete(prompt: str) -> str:
    base = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
    key = os.environ.get("OPENAI_API_KEY", "")
    body = {
        "model": os.environ.get("MODEL", "gpt-4o-mini"),
        "messages": [{"role": "user", "content": prompt}],
    }
    async with httpx.AsyncClient(timeout=60) as client:
        try:
            response = await client.post(
                f"{base}/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise ModelError(f"the model did not answer: {error}") from error
    return response.json()["choices"][0]["message"]["content"]
