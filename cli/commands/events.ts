import { type Command, Option } from "@commander-js/extra-typings";
import { EVENT_TYPES } from "../../client/constants";
import { EXIT } from "../exit-codes";
import { sentence } from "../explain";
import { Failure } from "../failures";
import { feedLine } from "../feed-line";
import { SIM, SINCE, TYPE } from "../feed-options";
import { followFeed } from "../follow-feed";
import { readText } from "../lines";
import { bytes, place } from "../parse";
import { eventsIn, oneEvent, reportEvents, strayOption } from "../report";
import type { OpenSession } from "../session";
import { ago } from "../when";
import { unmatchedEvents } from "./operate";

/** Events: reported by the operator, read by an account. */
export function events(program: Command, open: OpenSession): void {
  const group = program.command("events").description("events from the core network");

  group
    .command("send")
    .description("the operator's: report events, one by options or many from a file")
    .option("--file <file>", "events as JSON, one a line; - for stdin")
    .addOption(new Option("--type <type>", "which event").choices(EVENT_TYPES))
    .option("--sim <id>", "whose: nine digits")
    .option("--country <code>", "where: two letters")
    .option("--upload <bytes>", "usage: 1024, 3MB (0)", bytes)
    .option("--download <bytes>", "usage (0)", bytes)
    .option("--bill <id>", "usage: the bill (one of its own)")
    .addOption(
      new Option("--operation <operation>", "usage (finalize)").choices([
        "start",
        "update",
        "finalize",
      ] as const),
    )
    .option("--imei <imei>", "other events: the device")
    .option("--at <lat,lng>", "a location's place: 55.68,12.57", place)
    .option("--time <when>", "how long ago (15m), or a time (now)", (text) => ago(text))
    .action(async ({ file, ...one }) => {
      const { operator, out, notes, stdin } = open();
      if (file === undefined && !(one.type && one.sim))
        throw new Failure("Give --type and --sim, or --file with events.");
      if (file !== undefined && Object.values(one).some((value) => value !== undefined))
        throw new Failure("--file says all of its events: it goes with no other option.");
      const stray = file === undefined ? strayOption(one) : undefined;
      if (stray !== undefined) throw new Failure(`An event ${one.type} has no --${stray}.`);
      const lines = file === undefined ? oneEvent(one) : eventsIn(readText(file, stdin));
      const sums = { accepted: 0, rejected: 0 };
      const tell = async () => {
        notes.clear();
        await out.one(sums, () => [`${sums.accepted} accepted, ${sums.rejected} rejected`]);
      };
      const api = operator({ patient: true });
      try {
        for await (const { accepted, rejected } of reportEvents(api, lines)) {
          sums.accepted += accepted;
          sums.rejected += rejected.length;
          notes.clear();
          for (const entry of rejected) {
            const { line, error, detail } = entry;
            await out.one(entry, () => [
              `line ${line}: ${error}: ${detail ?? sentence(error) ?? ""}`,
            ]);
          }
          notes.progress(`${sums.accepted} accepted`);
        }
      } catch (error) {
        if (sums.accepted + sums.rejected > 0) await tell();
        throw error;
      }
      await tell();
      if (sums.rejected > 0)
        throw new Failure(
          `${sums.rejected} of ${sums.accepted + sums.rejected} events rejected.`,
          EXIT.partly,
        );
    });

  unmatchedEvents(group, open);

  group
    .command("tail")
    .description("show the account's events as they come, until Ctrl-C")
    .addOption(SINCE)
    .addOption(TYPE)
    .addOption(SIM)
    .action(async (wanted) => {
      const session = open();
      for await (const { event } of followFeed(session, wanted, "Waiting for events."))
        await session.out.one(event, () => [feedLine(event)]);
    });
}
