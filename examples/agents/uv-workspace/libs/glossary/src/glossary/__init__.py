from importlib.resources import files

from rapidfuzz import process


def _all() -> dict[str, str]:
    lines = files(__package__).joinpath("terms.txt").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def terms() -> list[str]:
    return sorted(_all())


def explain(name: str) -> str | None:
    known = _all()
    best = process.extractOne(name, known.keys(), score_cutoff=80)
    return known[best[0]] if best else None
