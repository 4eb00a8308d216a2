const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LEAST_BYTES = 24;

/** Whether one of the signatures (Standard Webhooks: with blanks between) is one of the secrets' over head and body. */
export async function isSigned(
  head: string,
  body: Uint8Array,
  signatures: string,
  secrets: readonly string[],
): Promise<boolean> {
  const signed = joined(new TextEncoder().encode(head), body);
  const given = signatures.split(" ").flatMap((one) => SIGNATURE.exec(one)?.[1] ?? []);
  for (const key of await keysOf(secrets)) {
    for (const signature of given) {
      // The platform compares in constant time.
      if (await crypto.subtle.verify("HMAC", key, fromBase64(signature), signed)) return true;
    }
  }
  return false;
}

/** The keys of the secrets that are set; one that is empty among others stands for one that is not. */
async function keysOf(secrets: readonly string[]): Promise<CryptoKey[]> {
  const written = secrets.map((secret) => secret.trim());
  const set = written.filter((secret) => secret !== "");
  return Promise.all((set.length > 0 ? set : [""]).map(keyOf));
}

function keyOf(secret: string): Promise<CryptoKey> {
  const text = secret.replace(/^whsec_/, "");
  if (!BASE64.test(text))
    throw new TypeError("The webhook's secret is not whsec_ and base64, as the API shows it.");
  const bytes = fromBase64(text);
  // An empty setting must not become a key that anybody can sign with.
  if (bytes.length < LEAST_BYTES)
    throw new TypeError("The webhook's secret is too short to be one.");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}

/** Not `Uint8Array.fromBase64`, which Node 20 lacks. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}
