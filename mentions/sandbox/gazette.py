"""The town's newspaper: articles that anybody may print, a page of each, and a feed (JSON Feed 1.1).

It stands for the blogs and news that a bank listens to and cannot answer where they stand. Whoever wants to know of a
new article asks the feed, politely: it answers 304 while nothing is new. Or they subscribe at its hub (`hub`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mentions.sandbox.models import Article, Settings
from mentions.sandbox.square import Refusal, checked_text

SHOWN = 30
LONGEST_HEADLINE = 160
LONGEST_ARTICLE = 4_000


def print_article(paper: str, headline: str, text: str) -> Article:
    """Print an article. Raises `Refusal`."""
    paper = checked_text(paper, 60, "paper").strip()
    headline = checked_text(headline, LONGEST_HEADLINE, "headline").strip()
    text = checked_text(text, LONGEST_ARTICLE, "text").strip()
    if not paper:
        raise Refusal(_("Say which paper prints it."), field="paper")
    if not headline:
        raise Refusal(_("An article has a headline."), field="headline")
    article = Article(paper=paper)
    article.headline, article.text = headline, text
    article.save()
    return article


@never_cache
@require_http_methods(["GET", "POST"])
def front(request: HttpRequest) -> HttpResponse:
    """The newest articles under a form that prints another."""
    form = {name: request.POST.get(name, "") for name in ("paper", "headline", "text")}
    status = 200
    if request.method == "POST":
        try:
            return redirect("sandbox:article", key=print_article(**form).key)
        except Refusal as refusal:
            form |= {"error": str(refusal.reason), "error_field": refusal.field}
            status = refusal.status
    context = {"form": form, "articles": Article.objects.order_by("-id")[:SHOWN]}
    return _page(request, "gazette", context, status)


@never_cache
@require_safe
def article(request: HttpRequest, key: str) -> HttpResponse:
    """One article."""
    found = Article.objects.filter(key=key).first()
    if found is None:
        raise Http404(_("There is no such article."))
    return _page(request, "article", {"article": found})


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest articles for programs."""
    body = feed_body()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(
        body, content_type="application/feed+json", headers={"ETag": tag, "Cache-Control": "no-cache"}
    )
    return get_conditional_response(request, etag=tag, response=answer) or answer


def feed_url() -> str:
    """Where the feed is, which is also what its hub calls it."""
    return f"{_home()}feed.json"


def feed_body() -> bytes:
    """The feed as it is now."""
    return json.dumps(_feed(), ensure_ascii=False).encode()


def _home() -> str:
    return f"{Settings.current().base_url}/sandbox/gazette/"


def _feed() -> dict[str, Any]:
    home = _home()
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Town Gazette",
        "home_page_url": home,
        "feed_url": f"{home}feed.json",
        "hubs": [{"type": "WebSub", "url": f"{home}hub"}],
        "items": [
            {
                "id": one.key,
                "url": f"{home}{one.key}/",
                "title": one.headline,
                "content_text": one.text,
                "date_published": one.printed_at.isoformat(),
                "authors": [{"name": one.paper}],
            }
            for one in Article.objects.order_by("-id")[:SHOWN]
        ],
    }


def _page(request: HttpRequest, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    frame = {"page": page, "longest_headline": LONGEST_HEADLINE, "longest_article": LONGEST_ARTICLE}
    return render(request, f"sandbox/{page}.html", frame | context, status=status)
