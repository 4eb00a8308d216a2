const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const encoder = new TextEncoder();

/** A signing secret of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export function mintSecret(): string {
  return PREFIX + crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
}

/** A signing secret made ready to sign with. */
export function readSecret(secret: string): Promise<CryptoKey> {
  return hmacKey(Uint8Array.fromBase64(secret.slice(PREFIX.length)));
}

/** The same secret as receivers of the fleet API use it: all of its text is the key. */
export function readFleetSecret(secret: string): Promise<CryptoKey> {
  return hmacKey(new TextEncoder().encode(secret));
}

function hmacKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** The `X-Onomondo-Signature-256` of the fleet API: HMAC-SHA256 of the body, in hex. */
export async function signBody(key: CryptoKey, body: string): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(body));
  return `sha256=${new Uint8Array(signature).toHex()}`;
}

/**
 * The `webhook-signature` of Standard Webhooks 1.0.0: HMAC-SHA256 of `id.timestamp.body` in base64, for each key one.
 * `timestamp` is in seconds since 1970.
 */
export async function sign(
  keys: readonly CryptoKey[],
  id: string,
  timestamp: number,
  body: string,
): Promise<string> {
  const signed = encoder.encode(`${id}.${timestamp}.${body}`);
  let signatures = "";
  for (const key of keys) {
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
    signatures += `${signatures && " "}v1,${signature.toBase64()}`;
  }
  return signatures;
}
