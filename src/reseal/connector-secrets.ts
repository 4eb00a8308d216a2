import { placeOf } from "../connectors/seal-secrets";
import type { StoredSecret } from "../db/tables";
import { type EncryptionKeys, open, seal } from "../secrets";

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

/** The secrets under the first key. Throws where one opens with none. */
export async function resealConnector(
  row: ConnectorRow,
  keys: EncryptionKeys,
): Promise<ConnectorRow> {
  const { account_id, id } = row;
  const secrets = await Promise.all(
    Object.entries(secretsIn(row)).map(async ([name, secret]) => {
      const place = placeOf(account_id, id, name);
      const sealed = await seal(keys, place, await open(keys, place, secret.sealed));
      return [name, { ...secret, sealed }] as const;
    }),
  );
  return { account_id, id, secrets: JSON.stringify(Object.fromEntries(secrets)) };
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

/** A column of JSON, which we wrote. */
function secretsIn({ secrets }: ConnectorRow): Record<string, StoredSecret> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(secrets) as Record<string, StoredSecret>;
}
