const IV_BYTES = 12;
const TAG_DIGITS = 8;

/** What seals is the first; what was sealed with any of them opens. */
export type EncryptionKeys = readonly [current: string, ...others: string[]];

/**
 * AES-GCM of `text` under a fresh nonce, as the key's tag and the base64 of nonce and ciphertext.
 * `place` (table, row and field) is authenticated with it, so that a value copied to another place does not open.
 */
export async function seal(keys: EncryptionKeys, place: string, text: string): Promise<string> {
  const tag = await tagOf(keys[0]);
  return tag + (await sealBytes(keys, place, new TextEncoder().encode(text)));
}

/** What {@link seal} sealed at `place`. Throws when keys, place or value are not those it was sealed with. */
export async function open(keys: EncryptionKeys, place: string, sealed: string): Promise<string> {
  const tagless = sealed.slice(sealed.indexOf(".") + 1);
  return new TextDecoder().decode(await openBytes(keys, place, tagless));
}

/** The same for what is no text, and is not kept for long: it has no tag. */
export async function sealBytes(
  [key]: EncryptionKeys,
  place: string,
  bytes: Uint8Array,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) },
    await importKey(key, "AES-GCM", ["encrypt"]),
    bytes,
  );
  const whole = new Uint8Array(IV_BYTES + sealed.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(sealed), IV_BYTES);
  return whole.toBase64();
}

/** What {@link sealBytes} sealed at `place`; throws as {@link open} does. */
export async function openBytes(
  [key, ...others]: EncryptionKeys,
  place: string,
  sealed: string,
): Promise<Uint8Array> {
  const whole = Uint8Array.fromBase64(sealed);
  const algorithm = {
    name: "AES-GCM",
    iv: whole.subarray(0, IV_BYTES),
    additionalData: new TextEncoder().encode(place),
  };
  try {
    const imported = await importKey(key, "AES-GCM", ["decrypt"]);
    const opened = await crypto.subtle.decrypt(algorithm, imported, whole.subarray(IV_BYTES));
    return new Uint8Array(opened);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined) throw error;
    return openBytes([next, ...rest], place, sealed);
  }
}

const tags = new Map<string, string>();

/** What stands before each text that a key sealed, so that the database can tell it from the rest; it says nothing of the key. */
export async function tagOf(key: string): Promise<string> {
  let tag = tags.get(key);
  if (tag === undefined) {
    const hash = await fingerprint(key, new TextEncoder().encode("tag"));
    tag = `${hash.slice(0, TAG_DIGITS)}.`;
    tags.set(key, tag);
  }
  return tag;
}

/** HMAC-SHA-256 in hex: tells what holds a secret from another, and nothing to who has not the key. */
export async function fingerprint(key: string, bytes: Uint8Array): Promise<string> {
  const imported = await importKey(key, { name: "HMAC", hash: "SHA-256" }, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes)).toHex();
}

function importKey(
  key: string,
  algorithm: "AES-GCM" | { name: "HMAC"; hash: "SHA-256" },
  uses: ("encrypt" | "decrypt" | "sign")[],
): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", Uint8Array.fromBase64(key), algorithm, false, uses);
}
