"""How long a person stays signed in: a shift at most, and less when nobody is at the desk.

What an open page asks for by itself is nobody's presence; our scripts say so in a header.
"""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

BEGAN = "signed in at"
SEEN = "seen at"
BY_ITSELF = "X-By-Itself"


class SessionLimits(MiddlewareMixin):
    """Lets a session end after `SESSION_IDLE_SECONDS` without a person, and after `SESSION_COOKIE_AGE` in any case.

    Both are kept as the session's own expiry, so that a socket that looks its session up again finds it gone too. It
    is written every few minutes and not at every request.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        if BY_ITSELF in request.headers and SEEN in request.session:
            return
        now = int(time.time())
        began = request.session.setdefault(BEGAN, now)
        if now - request.session.get(SEEN, 0) < settings.SESSION_IDLE_SECONDS // 20:
            return
        left = began + settings.SESSION_COOKIE_AGE - now
        if left <= 0:
            request.session.flush()
            return
        request.session[SEEN] = now
        request.session.set_expiry(min(left, settings.SESSION_IDLE_SECONDS))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What somebody was shown who is signed in stays on no shared desk, unless the page itself says otherwise."""
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
