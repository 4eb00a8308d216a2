import { placeOf } from "../../connectors/seal-secrets";
import type { StoredSecret } from "../../../db/tables";
import type { EncryptionKeys } from "../../../platform/crypto";
import { type Anew, sealingAnew } from "./reencrypt";

/** A connector's secrets as they are stored. */
export interface ConnectorRow {
  account_id: string;
  id: string;
  secrets: string;
}

/** Connectors with a secret that another key than `?`'s sealed. */
export const OTHER_CONNECTORS = `
  SELECT * FROM connectors
  WHERE EXISTS (SELECT 1 FROM json_each(secrets) WHERE value ->> 'sealed' NOT GLOB ?1 || '*')`;

/** The secrets under the first key. */
export async function resealConnector(
  row: ConnectorRow,
  keys: EncryptionKeys,
): Promise<Anew<ConnectorRow>> {
  const { account_id, id } = row;
  const sealing = sealingAnew(keys);
  const secrets = await Promise.all(
    Object.entries(secretsIn(row)).map(async ([name, secret]) => {
      const sealed = await sealing.again(placeOf(account_id, id, name), secret.sealed);
      return [name, { ...secret, sealed }] as const;
    }),
  );
  const after = { account_id, id, secrets: JSON.stringify(Object.fromEntries(secrets)) };
  return { row: after, unreadable: sealing.unreadable() };
}

/** Writes the secrets where they still are what was read. */
export function replaceConnector(
  d1: Pick<D1Database, "prepare">,
  before: ConnectorRow,
  after: ConnectorRow,
): D1PreparedStatement {
  return d1
    .prepare(
      "UPDATE connectors SET secrets = ? WHERE account_id = ? AND id = ? AND secrets = ? RETURNING id",
    )
    .bind(after.secrets, before.account_id, before.id, before.secrets);
}

/** Characters of a sealed secret that hold its nonce: no other writing begins with the same. */
const NONCE_WITHIN = 40;

/** Where in a connector's secrets one was sealed anew, and what it begins with; undefined where none was. */
export function markOf(before: ConnectorRow, after: ConnectorRow): string[] | undefined {
  const old = secretsIn(before);
  for (const [name, { sealed }] of Object.entries(secretsIn(after)))
    if (sealed !== old[name]?.sealed) return [`$.${name}.sealed`, sealed.slice(0, NONCE_WITHIN)];
  return undefined;
}

/** A column of JSON, which we wrote. */
function secretsIn({ secrets }: ConnectorRow): Record<string, StoredSecret> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(secrets) as Record<string, StoredSecret>;
}
