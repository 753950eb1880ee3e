def readings() -> list[tuple[str, float]]:
    return [("Mon", 3.5), ("Tue", 0.0), ("Wed", 12.25)]
