// Why: a screen must prove that it is the one that was paired, and a copy of this browser's folder must not be it. The
// key cannot be read, not even here; the step dies when the next one has been written down.

const DATABASE = "glasshouse";
const STORE = "screen";

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function read(key) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const asked = base.transaction(STORE).objectStore(STORE).get(key);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// On the disk when it answers: what the server counts as taken must outlive a loss of power.
async function write(values) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const writing = base.transaction(STORE, "readwrite", { durability: "strict" });
    for (const [key, value] of Object.entries(values)) writing.objectStore(STORE).put(value, key);
    writing.oncomplete = () => resolve();
    writing.onabort = () => reject(writing.error);
  });
}

function base64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}

/** Whether this browser can hold a key at all: it cannot on an address that is not secure. */
export function able() {
  return Boolean(window.isSecureContext && crypto.subtle && window.indexedDB && navigator.locks);
}

/** Make the key of a screen that is about to be paired; answers its public half. */
export async function newKey() {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  await write({ keys, token: "" });
  return base64(await crypto.subtle.exportKey("spki", keys.publicKey));
}

/** Whether a key is there. */
export async function hasKey() {
  return Boolean(await read("keys"));
}

/** The answer to a challenge. */
export async function proof(challenge) {
  const [keys, token] = [await read("keys"), (await read("token")) ?? ""];
  if (!keys) return { type: "proof", token, signature: "" };
  const signed = new TextEncoder().encode(`${challenge}.${token}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, signed);
  return { type: "proof", token, signature: base64(signature) };
}

/** Write the next step down. */
export function takeStep(token) {
  return write({ token });
}

/** Run `start` as soon as no other window of this browser is this screen; `elsewhere` is called if one is. */
export function alone(start, elsewhere) {
  const waiting = setTimeout(elsewhere, 2000);
  navigator.locks.request("glasshouse screen", () => {
    clearTimeout(waiting);
    start();
    return new Promise(() => {});
  });
}
