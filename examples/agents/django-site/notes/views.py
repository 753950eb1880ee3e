from django.http import HttpRequest, JsonResponse

NOTES = ["Bins go out on Tuesday.", "The key of the cellar hangs at the door."]


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def find(request: HttpRequest, word: str) -> JsonResponse:
    return JsonResponse({"notes": [note for note in NOTES if word.lower() in note.lower()]})
