import type { EncryptionKeys } from "../../../platform/crypto";
import { placeOf } from "../../../pipeline/delivery/endpoints";
import { type Anew, sealingAnew } from "./reencrypt";

/** A webhook's sealed columns as they are stored. */
export interface WebhookRow {
  id: string;
  secret: string;
  authorization: string | null;
  previous_secrets: string;
}

/** Webhooks with a secret that another key than `?`'s sealed. */
export const OTHER_WEBHOOKS = `
  SELECT * FROM webhooks WHERE secret NOT GLOB ?1 || '*' OR authorization NOT GLOB ?1 || '*'
    OR EXISTS (SELECT 1 FROM json_each(previous_secrets) WHERE value ->> 'sealed' NOT GLOB ?1 || '*')`;

/** The columns under the first key; what signs no more is left out. */
export async function resealWebhook(
  row: WebhookRow,
  keys: EncryptionKeys,
): Promise<Anew<WebhookRow>> {
  const { id, authorization } = row;
  const sealing = sealingAnew(keys);
  const again = (field: string, sealed: string) => sealing.again(placeOf(id, field), sealed);
  const valid = previousIn(row).filter(({ until }) => until > Date.now());
  const previous = await Promise.all(
    valid.map(async ({ sealed, until }) => ({ sealed: await again("secret", sealed), until })),
  );
  const after = {
    id,
    secret: await again("secret", row.secret),
    authorization: authorization && (await again("authorization", authorization)),
    previous_secrets: JSON.stringify(previous),
  };
  return { row: after, unreadable: sealing.unreadable() };
}

/** Writes the columns where they still are what was read. */
export function replaceWebhook(
  d1: Pick<D1Database, "prepare">,
  before: WebhookRow,
  after: WebhookRow,
): D1PreparedStatement {
  return d1
    .prepare(
      `UPDATE webhooks SET secret = ?, authorization = ?, previous_secrets = ?
      WHERE id = ? AND secret = ? AND authorization IS ? AND previous_secrets = ? RETURNING id`,
    )
    .bind(...sealedIn(after), before.id, ...sealedIn(before));
}

/** Whether there is something to write. */
export function isSameWebhook(before: WebhookRow, after: WebhookRow): boolean {
  return JSON.stringify(sealedIn(before)) === JSON.stringify(sealedIn(after));
}

export function sealedIn({
  secret,
  authorization,
  previous_secrets,
}: WebhookRow): (string | null)[] {
  return [secret, authorization, previous_secrets];
}

/** A column of JSON, which we wrote. */
function previousIn({ previous_secrets }: WebhookRow): { sealed: string; until: number }[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(previous_secrets) as { sealed: string; until: number }[];
}
