// Why: every write carries the token of this person's session, whether htmx sends it or we do.
// (Pages name app.js, console.js and wall.js themselves; what those share lives in modules of their own like this one,
// because a module that is both named by a page and imported would run twice.)

/** The token that proves that a request comes from one of our pages. */
export function token() {
  return document.querySelector("meta[name=csrf-token]").content;
}

/** POST a form's fields as this person; answers the response, and throws if the server was not reached. */
export function post(url, fields, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return fetch(url, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(10000),
    ...options,
    headers: { "X-CSRFToken": token(), "HX-Request": "true", ...options.headers },
  });
}
