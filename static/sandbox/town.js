// Shows what is new without a reload: everything here works without this file, one has to reload the page.

const EVERY_MS = 3000;

async function refresh(region) {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    // Nothing moves under somebody's hands.
    if (!fresh || region.contains(document.activeElement)) return;
    const known = new Set([...region.querySelectorAll("[id]")].map((element) => element.id));
    const news = [...fresh.querySelectorAll("article[id], li[id]")].some((element) => !known.has(element.id));
    region.replaceChildren(...fresh.childNodes);
    if (news) document.querySelector("[data-announce]").textContent = region.dataset.live;
}

const region = document.querySelector("[data-live]");
if (region) {
    setInterval(() => {
        if (document.visibilityState === "visible") refresh(region).catch(() => {});
    }, EVERY_MS);
}
