// Why: who waits for a page while the database starts again should not have to ask for it again and again.

const EVERY = 3000;

async function ask() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status !== 503) return location.reload();
  } catch {
    // nobody answers at all: ask again
  }
  setTimeout(ask, EVERY + Math.random() * EVERY);
}

setTimeout(ask, EVERY);
