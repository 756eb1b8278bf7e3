"""How a private picture leaves: shown in place, under our name, kept by no cache, read as nothing else."""

from django.http import HttpResponse


def private_jpeg(content: bytes, name: str) -> HttpResponse:
    answered = HttpResponse(content, content_type="image/jpeg")
    answered["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    answered["Cache-Control"] = "private, no-store"
    answered["X-Content-Type-Options"] = "nosniff"
    answered["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answered
