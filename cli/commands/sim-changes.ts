import type { Command } from "@commander-js/extra-typings";
import type { Page } from "../../client";
import { EXIT } from "../exit-codes";
import { Failure } from "../failures";
import type { Column } from "../output/table";
import { shown } from "../output/output";
import { whole } from "../parse";
import type { OpenSession } from "../session";

type Found = Page<"/sims/find">[number];

const COLUMNS: Column<Found>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "LABEL", value: ({ label }) => shown(label) },
  { title: "ICCID", value: ({ iccid }) => shown(iccid) },
];

/** `sims find`, `create`, `delete` and, by the operator, `give`. */
export function simChanges(group: Command, open: OpenSession): void {
  group
    .command("find")
    .description("find SIMs by a piece of their id, label, ICCID, IMSI, MSISDN or IMEI")
    .argument("<piece>", "1 to 100 characters")
    .option("--limit <number>", "no more than so many (20)", whole, 20)
    .action(async (search, { limit }) => {
      const { api, out } = open();
      const { data } = await api().GET("/sims/find", { params: { query: { search, limit } } });
      await out.list(data, COLUMNS, "No SIM has it.");
    });

  group
    .command("create")
    .description("make a SIM")
    .argument("<id>", "nine digits")
    .option("--label <label>", "1 to 100 characters")
    .action(async (id, { label }) => {
      const { api, out } = open();
      const body = { id, ...(label !== undefined && { alias: label }) };
      const { data } = await api().POST("/sim", { body });
      await out.one(data, () => [`Made ${id}.`]);
    });

  group
    .command("delete")
    .description("delete a SIM; its usage stays")
    .argument("<id>", "nine digits")
    .action(async (id) => {
      const { api, out } = open();
      const { data } = await api().DELETE("/sim", { params: { query: { id } } });
      await out.one(data, () => [`Deleted ${id}.`]);
    });

  group
    .command("give")
    .description("the operator's: give a SIM to an account, as new, whoever has it now")
    .argument("<id>", "nine digits")
    .requiredOption("--account <account>", "its owner")
    .action(async (id, { account }) => {
      const { operator, out } = open();
      const body = { sims: [{ id, account_id: account, take: true }] };
      const { data } = await operator().PUT("/operator/sims", { body });
      await out.one(data, () => (data.issued === 1 ? [`${id} is the SIM of ${account}.`] : []));
      const [refused] = data.rejected;
      if (refused) throw new Failure(`${refused.error}: ${refused.detail}`, EXIT.refused);
    });
}
