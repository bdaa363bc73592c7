// Why: who waits for a page while the database starts again should not have to ask for it again and again. The page
// itself is asked for once, when it can be had: some addresses, such as the way back from a sign-in, work only once.

const EVERY = 3000;

async function ask() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    if ((await answer.json()).database === "ok") return location.reload();
  } catch {
    // nobody answers at all: ask again
  }
  setTimeout(ask, EVERY + Math.random() * EVERY);
}

setTimeout(ask, EVERY);
