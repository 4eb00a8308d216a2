import { type Command, Option } from "@commander-js/extra-typings";
import type { Page, Row, Simplane } from "../../client";
import { Failure } from "../failures";
import { take } from "../output/take";
import type { Column } from "../output/table";
import { bytesText } from "../output/units";
import { bytes, nullOr, pairs, several, whole, yesOrNo } from "../parse";
import type { OpenSession } from "../session";
import { tagIds } from "../sims/tag-ids";
import { simChanges } from "./sim-changes";
import { simFiles } from "./sim-files";

type Sim = Row<Page<"/sims">>;

const SORTS = [
  "id",
  "label",
  "usage",
  "last_came_online_at",
  "-id",
  "-label",
  "-usage",
  "-last_came_online_at",
] as const;

const COLUMNS: Column<Sim>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "LABEL", value: ({ label }) => label ?? "-" },
  {
    title: "STATE",
    value: ({ activated, online }) => (activated ? (online ? "online" : "offline") : "off"),
  },
  { title: "COUNTRY", value: ({ network }) => network.country_code ?? "-" },
  { title: "MONTH", value: ({ usage }) => bytesText(usage), align: "right" },
  { title: "CONNECTOR", value: ({ connector }) => connector ?? "-" },
  { title: "TAGS", value: ({ tags }) => tags.map(({ name }) => name).join(", ") || "-" },
];

/** An account's SIMs. */
export function sims(program: Command, open: OpenSession): void {
  const group = program.command("sims").description("the account's SIMs");

  group
    .command("list")
    .description("list the SIMs")
    .option("--filter <key:value>", "only those; several times, all must hold", pairs)
    .addOption(new Option("--sort <field>", "by what; - for descending (id)").choices(SORTS))
    .option("--limit <number>", "no more than so many", whole)
    .action(async ({ filter, sort, limit }) => {
      const { api, out } = open();
      const query = { ...(filter && { filter }), ...(sort && { sort }) };
      const found = api().iterate("/sims", { params: { query } });
      await out.list(take(found, limit), COLUMNS, "No SIMs.");
    });

  group
    .command("get")
    .description("show all that is known of a SIM")
    .argument("<sim>", "its id or ICCID")
    .action(async (sim) => {
      const { api, out } = open();
      const init = { params: { path: { sim_id: sim } } };
      await out.fields((await api().GET("/sims/{sim_id}", init)).data);
    });

  group
    .command("set")
    .description("change a SIM; what is not given stays, and none takes a value away")
    .argument("<sim>", "its id or ICCID")
    .option("--label <label>", "1 to 100 characters, or none", nullOr(String))
    .option("--active <true|false>", "switch it on or off", yesOrNo)
    .option("--connector <name>", "where its traffic goes, or none", nullOr(String))
    .option("--network-whitelist <name>", "the networks that it may use, or none", nullOr(String))
    .option("--imei-lock <imei>", "the only device that it works in, or none", nullOr(String))
    .option("--data-limit <bytes>", "a month: 500MB, 10GB", bytes)
    .option("--alert-threshold <bytes>", "of the month, or none", nullOr(bytes))
    .option("--tag <tag>", "name or id, or none; several times; replaces the SIM's tags", several)
    .action(async (sim, { active, networkWhitelist, dataLimit, alertThreshold, tag, ...given }) => {
      const { api, out } = open();
      const limit = {
        ...(dataLimit !== undefined && { total: dataLimit }),
        ...(alertThreshold && { alert_threshold: alertThreshold.value }),
      };
      const body = {
        ...(given.label && { label: given.label.value }),
        ...(given.connector && { connector: given.connector.value }),
        ...(given.imeiLock && { imei_lock: given.imeiLock.value }),
        ...(active !== undefined && { activated: active }),
        ...(networkWhitelist && { network_whitelist: networkWhitelist.value }),
        ...(Object.keys(limit).length > 0 && { data_limit: limit }),
        ...(tag && { tags: await idsOf(api(), tag) }),
      };
      if (Object.keys(body).length === 0) throw new Failure("Nothing to change: see --help.");
      const init = { params: { path: { sim_id: sim } }, body };
      await out.fields((await api().PATCH("/sims/{sim_id}", init)).data);
    });

  simChanges(group, open);
  simFiles(group, open);
}

async function idsOf(api: Simplane, tags: readonly string[]): Promise<string[]> {
  if (tags.length === 1 && tags[0] === "none") return [];
  const known = await tagIds(api);
  return tags.map((tag) => known.get(tag) ?? tag);
}
