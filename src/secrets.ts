const IV_BYTES = 12;

/**
 * AES-GCM of `text` under a fresh nonce, as base64 of nonce and ciphertext.
 * `place` (table, row and field) is authenticated with it, so that a value copied to another place does not open.
 */
export function seal(encryptionKey: string, place: string, text: string): Promise<string> {
  return sealBytes(encryptionKey, place, new TextEncoder().encode(text));
}

/** What {@link seal} sealed at `place`. Throws when key, place or value is not the one it was sealed with. */
export async function open(encryptionKey: string, place: string, sealed: string): Promise<string> {
  return new TextDecoder().decode(await openBytes(encryptionKey, place, sealed));
}

/** {@link seal} for what is no text. */
export async function sealBytes(
  encryptionKey: string,
  place: string,
  bytes: Uint8Array,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) },
    await importKey(encryptionKey, "AES-GCM", ["encrypt"]),
    bytes,
  );
  const whole = new Uint8Array(IV_BYTES + sealed.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(sealed), IV_BYTES);
  return whole.toBase64();
}

/** {@link open} for what is no text. */
export async function openBytes(
  encryptionKey: string,
  place: string,
  sealed: string,
): Promise<Uint8Array> {
  const whole = Uint8Array.fromBase64(sealed);
  const opened = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: whole.subarray(0, IV_BYTES),
      additionalData: new TextEncoder().encode(place),
    },
    await importKey(encryptionKey, "AES-GCM", ["decrypt"]),
    whole.subarray(IV_BYTES),
  );
  return new Uint8Array(opened);
}

/** HMAC-SHA-256 in hex: tells what holds a secret from another, and nothing to who has not the key. */
export async function fingerprint(encryptionKey: string, bytes: Uint8Array): Promise<string> {
  const key = await importKey(encryptionKey, { name: "HMAC", hash: "SHA-256" }, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes)).toHex();
}

function importKey(
  encryptionKey: string,
  algorithm: "AES-GCM" | { name: "HMAC"; hash: "SHA-256" },
  uses: ("encrypt" | "decrypt" | "sign")[],
): Promise<CryptoKey> {
  const bytes = Uint8Array.fromBase64(encryptionKey);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, uses);
}
