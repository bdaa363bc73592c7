"""Town Square's pages. Nobody signs in: who writes is what stands in the field, remembered in a cookie."""

from __future__ import annotations

import base64
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mentions.sandbox import api, square
from mentions.sandbox.models import LONGEST_TEXT, Person, Photo, Post, PostQuerySet, Settings
from mentions.sandbox.sealing import unseal
from mentions.sandbox.shapes import IMAGES
from mentions.sandbox.square import Refusal

PAGE = 30
THREAD = 200
REMEMBERED = "townsquare_handle"


@never_cache
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """What everybody says, newest first; `?before=KEY` goes on."""
    return _render(request, "timeline", {"form": _blank(request), **_page(request, Post.objects.public())})


@never_cache
@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """A person and what they said."""
    person = Person.named(handle)
    if person is None:
        raise Http404(_("There is nobody of that name."))
    posts = Post.objects.public().filter(author=person)
    return _render(request, "profile", {"person": person, **_page(request, posts)})


@never_cache
@require_safe
def post(request: HttpRequest, key: str) -> HttpResponse:
    """A post among its whole thread, with a form to answer it."""
    found = _public(key)
    thread = Post.objects.public().with_people().filter(thread=found.thread).order_by("id")[:THREAD]
    form = _blank(request) | {"in_reply_to": found.key}
    return _render(request, "post", {"post": found, "thread": thread, "form": form})


@require_safe
def photo(request: HttpRequest, key: str) -> HttpResponse:
    """A picture that a post of the bank's shows, for whoever has its address."""
    found = Photo.objects.filter(key=key, post__isnull=False).first()
    if found is None:
        raise Http404(_("There is no such picture."))
    return HttpResponse(
        base64.b64decode(unseal(found.sealed)),
        content_type=found.type,
        headers={
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """The form by itself, filled in from `?handle=&text=`, and where every form sends what was written."""
    if request.method == "GET":
        form = _blank(request)
        form |= {field: request.GET[field][:LONGEST_TEXT] for field in ("handle", "text") if field in request.GET}
        parent = request.GET.get("in_reply_to", "")
        if parent:
            form["in_reply_to"] = _public(parent).key
        return _render(request, "write", {"form": form})
    form = {
        "handle": request.POST.get("handle", ""),
        "text": request.POST.get("text", ""),
        "image": request.POST.get("image", ""),
        "in_reply_to": request.POST.get("in_reply_to", ""),
        "private": request.POST.get("private") == "1",
    }
    try:
        _in_turn(request)
        written = square.write(
            form["handle"],
            form["text"],
            in_reply_to=form["in_reply_to"] or None,
            private=form["private"],
            image=form["image"],
        )
    except Refusal as refusal:
        form["error"] = refusal.reason
        form["error_field"] = refusal.field
        return _render(request, "write", {"form": form}, status=refusal.status)
    if written.private:
        answer = redirect("sandbox:conversation", handle=written.author.handle)
    elif written.in_reply_to is not None:
        answer = redirect(f"{_address(written.in_reply_to)}#{written.key}")
    else:
        answer = redirect(_address(written))
    answer.set_cookie(
        REMEMBERED, written.author.handle, max_age=30 * 86400, path="/sandbox/", httponly=True, samesite="Lax"
    )
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Changes the words of a post or message."""
    found = _standing(key)
    text, error = found.text, None
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            _in_turn(request)
            return redirect(_address(square.edit(found, text)))
        except Refusal as refusal:
            error = refusal
    context = {"post": found, "text": text, "error": error.reason if error else None}
    return _render(request, "edit", context, status=error.status if error else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Asks once, then takes a post or message away."""
    found = _standing(key)
    error = None
    if request.method == "POST":
        try:
            _in_turn(request)
            square.delete(found)
        except Refusal as refusal:
            error = refusal
        else:
            if found.private:
                return redirect("sandbox:conversation", handle=found.author.handle)
            return redirect("sandbox:timeline")
    context = {"post": found, "error": error.reason if error else None}
    return _render(request, "delete", context, status=error.status if error else 200)


@never_cache
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Asks as whom to read and write messages."""
    form = _blank(request)
    if "handle" in request.GET:
        form["handle"] = request.GET["handle"]
        try:
            return redirect("sandbox:conversation", handle=square.checked_handle(form["handle"]))
        except Refusal as refusal:
            return _render(request, "messages", {"form": form, "error": refusal.reason}, status=refusal.status)
    return _render(request, "messages", {"form": form})


@never_cache
@require_safe
def conversation(request: HttpRequest, handle: str) -> HttpResponse:
    """What one person and the bank wrote to each other in private, with a form to go on."""
    try:
        handle = square.checked_handle(handle)
    except Refusal:
        raise Http404(_("There is nobody of that name.")) from None
    person = Person.named(handle)
    exchanged: list[Post] = []
    if person is not None:
        found = Post.objects.standing().select_related("author", "recipient").filter(thread=f"dm{person.key}")
        exchanged = list(found.order_by("-id")[:THREAD])[::-1]
    form = _blank(request) | {"handle": handle, "private": True}
    return _render(request, "conversation", {"handle": handle, "exchanged": exchanged, "form": form})


def _in_turn(request: HttpRequest) -> None:
    """Nobody writes faster than people do. Raises `Refusal`."""
    if api.wait_for(request, Settings.current(), by_hand=True):
        raise Refusal(_("That was a lot at once. Try again in a few seconds."), status=429)


def _render(request: HttpRequest, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    town = Settings.current()
    frame = {
        "bank_handle": town.bank_handle,
        "bank_folded": town.bank_handle.lower(),
        "images": IMAGES,
        "longest": LONGEST_TEXT,
        "page": page,
    }
    return render(request, f"sandbox/{page}.html", frame | context, status=status)


def _blank(request: HttpRequest) -> dict[str, Any]:
    handle = request.COOKIES.get(REMEMBERED, "")
    known = re.fullmatch(r"[A-Za-z0-9_]{1,30}", handle)
    return {"handle": handle if known else "", "text": "", "image": "", "in_reply_to": "", "private": False}


def _page(request: HttpRequest, posts: PostQuerySet) -> dict[str, Any]:
    before = request.GET.get("before")
    if before:
        last = Post.objects.filter(private=False).named(before).first()
        if last is None:
            raise Http404(_("There is no such post."))
        posts = posts.filter(id__lt=last.pk)
    found = list(posts.with_people().order_by("-id")[: PAGE + 1])
    older = found[PAGE - 1].key if len(found) > PAGE else None
    return {"posts": found[:PAGE], "older": older, "newest": not before}


def _public(key: str) -> Post:
    found = Post.objects.public().with_people().named(key).first()
    if found is None:
        raise Http404(_("There is no such post."))
    return found


def _standing(key: str) -> Post:
    found = Post.objects.standing().with_people().named(key).first()
    if found is None:
        raise Http404(_("There is no such post."))
    return found


def _address(found: Post) -> str:
    if found.private:
        return reverse("sandbox:conversation", args=[found.author.handle])
    return reverse("sandbox:post", args=[found.key])
