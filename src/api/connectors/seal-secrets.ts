import type { StoredSecret } from "../../db/tables";
import { type EncryptionKeys, seal } from "../../platform/crypto";
import { type Options, SECRET_NAMES } from "./options";
import { isoTime } from "../../platform/time";

/** Options as merge patches (RFC 7396) in JSON: what may be read back, and what is sealed; null stays null. */
export async function sealSecrets(
  accountId: string,
  connector: { id: string; options: Options },
  encryptionKeys: EncryptionKeys,
): Promise<{ options: string; secrets: string }> {
  const last_updated_at = isoTime(Date.now());
  const options: Options = {};
  const secrets: Record<string, StoredSecret | null> = {};
  for (const [name, value] of Object.entries(connector.options)) {
    if (value === undefined) continue;
    if (!SECRET_NAMES.has(name)) options[name] = value;
    else if (value === null) secrets[name] = null;
    else {
      const place = placeOf(accountId, connector.id, name);
      secrets[name] = { sealed: await seal(encryptionKeys, place, String(value)), last_updated_at };
    }
  }
  return { options: JSON.stringify(options), secrets: JSON.stringify(secrets) };
}

/** Where a connector's secret is kept, for sealing it. */
export function placeOf(accountId: string, id: string, name: string): string {
  return `connectors/${accountId}/${id}/${name}`;
}
