def report(number: int) -> str:
    return f"report {number}"
