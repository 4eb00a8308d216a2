const IV_BYTES = 12;

/**
 * AES-GCM of `text` under a fresh nonce, as base64 of nonce and ciphertext.
 * `place` (table, row and field) is authenticated with it, so that a value copied to another place does not open.
 */
export async function seal(encryptionKey: string, place: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) },
    await importKey(encryptionKey),
    new TextEncoder().encode(text),
  );
  const whole = new Uint8Array(IV_BYTES + sealed.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(sealed), IV_BYTES);
  return whole.toBase64();
}

/** What {@link seal} sealed at `place`. Throws when key, place or value is not the one it was sealed with. */
export async function open(encryptionKey: string, place: string, sealed: string): Promise<string> {
  const whole = Uint8Array.fromBase64(sealed);
  const text = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: whole.subarray(0, IV_BYTES),
      additionalData: new TextEncoder().encode(place),
    },
    await importKey(encryptionKey),
    whole.subarray(IV_BYTES),
  );
  return new TextDecoder().decode(text);
}

function importKey(encryptionKey: string): Promise<CryptoKey> {
  const bytes = Uint8Array.fromBase64(encryptionKey);
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}
