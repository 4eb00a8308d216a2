import { type Command, Option } from "@commander-js/extra-typings";
import { stringify } from "csv-stringify/sync";
import { EXIT } from "../exit-codes";
import { sentence } from "../explain";
import { Failure } from "../failures";
import { readText } from "../lines";
import { shown } from "../output/output";
import { jsonLine } from "../output/printable";
import { pairs } from "../parse";
import type { OpenSession } from "../session";
import { COLUMNS, type Sim } from "../sims/columns";
import { separatorOf } from "../sims/spreadsheet";
import { importSims, type Outcome, Tally } from "../sims/import";
import { readCsv, readNdjson } from "../sims/read-file";
import { tagIds } from "../sims/tag-ids";

/** Without it, Excel reads the labels in the code page of its country, and saves them so. */
const BYTE_ORDER_MARK = "\ufeff";
const FORMATS = ["csv", "ndjson"] as const;

const OWN_CODES: Record<string, string> = {
  columns_invalid: "The line has not as many columns as the header.",
  id_zeros_lost:
    "The id has fewer than nine digits: a spreadsheet took the zeros before it. Write it in full, in a column of text.",
  id_rounded:
    "A spreadsheet rounded the ICCID and its digits are lost. Import it into a column of text.",
  id_repeated: "The file has this SIM on a line before.",
};

/** `sims import` and `sims export`. */
export function simFiles(group: Command, open: OpenSession): void {
  group
    .command("import")
    .description("make and change SIMs as a file says; it may be repeated")
    .argument("<file>", "CSV with a header, or what `sims export` wrote; - for stdin")
    .addOption(new Option("--format <format>", "else by the file's ending").choices(FORMATS))
    .option("--separator <separator>", "comma, semicolon or tab; else by the header", separatorOf)
    .option("--dry-run", "say what would be done, and do nothing")
    .action(async (file, { format = formatOf(file), separator, dryRun = false }) => {
      const { api: connect, out, notes, stdin } = open();
      const api = connect({ patient: true });
      const text = readText(file, stdin);
      const lines =
        format === "csv" ? readCsv(text, () => tagIds(api), separator) : readNdjson(text);
      const tally = new Tally();
      const onMade = (count: number) => notes.progress(`${tally.lines + count} lines`);
      const tell = async () => {
        notes.clear();
        const { made, set, failed } = tally;
        await out.one({ made, set, failed, dry_run: dryRun }, () => [
          `${made} made, ${set} set, ${failed} failed${dryRun ? " (dry run: nothing is done)" : ""}`,
        ]);
      };
      try {
        for await (const outcome of importSims(api, lines, { dryRun, onMade })) {
          tally.add(outcome);
          if (outcome.result === "failed") {
            notes.clear();
            await out.one(outcome, () => [failedLine(outcome)]);
          }
          notes.progress(`${tally.lines} lines`);
        }
      } catch (error) {
        // What ends it comes in the middle of a file, some of which is done.
        if (tally.lines > 0) await tell();
        throw error;
      }
      await tell();
      const { failed, lines: all } = tally;
      if (failed > 0) throw new Failure(`${failed} of ${all} lines failed.`, EXIT.partly);
    });

  group
    .command("export")
    .description("write all SIMs as a file that `sims import` reads")
    .addOption(new Option("--format <format>", "csv, for programs ndjson").choices(FORMATS))
    .option("--filter <key:value>", "only those; several times, all must hold", pairs)
    .option("--no-bom", "for programs: without the mark by which spreadsheets know UTF-8")
    .action(async ({ format, filter, bom }) => {
      const { api, out } = open();
      const query = filter ? { filter } : {};
      const csv = (format ?? (out.json ? "ndjson" : "csv")) === "csv";
      if (csv) await out.line((bom ? BYTE_ORDER_MARK : "") + csvLine(Object.keys(COLUMNS)));
      for await (const sim of api().iterate("/sims", { params: { query } }))
        await out.line(csv ? csvLine(cellsOf(sim)) : jsonLine(sim));
    });
}

function formatOf(file: string): (typeof FORMATS)[number] {
  return /\.(ndjson|jsonl)$/i.test(file) ? "ndjson" : "csv";
}

function failedLine({ line, id, error = "" }: Outcome): string {
  return `line ${line}: ${shown(id)} ${error}: ${OWN_CODES[error] ?? sentence(error) ?? ""}`;
}

function cellsOf(sim: Sim): string[] {
  return Object.values(COLUMNS).map(({ write }) => write(sim));
}

function csvLine(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: "" });
}
