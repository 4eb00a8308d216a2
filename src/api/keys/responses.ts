import * as z from "zod";
import { IsoTime } from "../../http/responses";

const shown = {
  id: z.string(),
  name: z.string(),
  created_at: IsoTime,
  scopes: z.array(z.string()).describe("What the key may do."),
  expires_at: IsoTime.nullable(),
  allowed_ips: z
    .array(z.string())
    .describe("CIDR ranges that calls may come from; none: everywhere."),
  tags: z
    .array(z.string())
    .nullable()
    .describe("Ids of tags: only what carries one of them; null: not narrowed."),
};

/** A key as it is listed: never the key itself. */
export const ApiKey = z
  .object({ ...shown, last_used_at: IsoTime.nullable().describe("To the quarter of an hour.") })
  .meta({ id: "ApiKey", description: "A key as it is listed: never the key itself." });
export type ApiKey = z.output<typeof ApiKey>;

/** A key as it is made: the only time that it is shown. */
export const NewApiKey = z
  .object({ ...shown, key: z.string().describe("The key itself: shown only here.") })
  .meta({ id: "NewApiKey", description: "A key as it is made: the only time that it is shown." });
export type NewApiKey = z.output<typeof NewApiKey>;

export const RotatedApiKey = z
  .object({ ...NewApiKey.shape, previous: ApiKey })
  .meta({ id: "RotatedApiKey", description: "The new key, and the one that it takes over from." });

export const OperatorApiKey = z
  .object({ ...ApiKey.shape, revoked_at: IsoTime.nullable() })
  .meta({ id: "OperatorApiKey", description: "A key of an account, as the operator sees it." });
export type OperatorApiKey = z.output<typeof OperatorApiKey>;

export const ApiKeys = z.array(ApiKey);
