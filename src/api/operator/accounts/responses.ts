import * as z from "zod";
import { IsoTime, Pagination } from "../../../http/responses";
import { OperatorApiKey } from "../../keys/responses";

export const Account = z
  .object({
    id: z.uuid(),
    name: z.string(),
    created_at: IsoTime,
    rate_limit: z.int().optional().describe("Calls a minute of each key; only where one is set."),
  })
  .meta({ id: "Account", description: "An account: a customer, who owns SIMs." });
export type Account = z.output<typeof Account>;

export const AccountPage = z
  .object({ accounts: z.array(Account), pagination: Pagination })
  .meta({ id: "AccountPage" });

export const AccountKeys = z
  .object({ keys: z.array(OperatorApiKey), pagination: Pagination })
  .meta({ id: "AccountKeys" });
