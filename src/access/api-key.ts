import { customAlphabet } from "nanoid";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "sp_";
const RANDOM_LENGTH = 34;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

const random = customAlphabet(BASE62, RANDOM_LENGTH);

/** A new API key: `sp_` and 40 base62 characters, 202 bits of chance and a checksum in the last six. */
export async function mintKey(): Promise<string> {
  const start = PREFIX + random();
  return start + (await checksum(start));
}

/** Whether the text can be a key at all: its form and its checksum, without a look-up. */
export async function isKey(text: string): Promise<boolean> {
  if (!FORM.test(text)) return false;
  return text.endsWith(await checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

/** SHA-256 of a key in hex: all that is stored of it. */
export async function hashKey(key: string): Promise<string> {
  return (await sha256(key)).toHex();
}

/** Compares in a time that tells nothing of any of them. */
export async function isOneOf(given: string, secrets: readonly string[]): Promise<boolean> {
  const hash = await sha256(given);
  const hashes = await Promise.all(secrets.map(sha256));
  return hashes.filter((one) => crypto.subtle.timingSafeEqual(hash, one)).length > 0;
}

async function checksum(start: string): Promise<string> {
  const digest = await sha256(start);
  return Array.from(digest.subarray(0, CHECKSUM_LENGTH), (byte) => BASE62[byte % 62]).join("");
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
