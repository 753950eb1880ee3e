"""Run by hand. No part of the service: neither in its image nor in its cache key."""

import yaml


def settings(text: str) -> dict:
    return yaml.safe_load(text)
