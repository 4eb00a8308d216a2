import * as z from "zod";
import { ApiFailure } from "../start/api";
import type { Call } from "./client";
import type { Device } from "./devices";
import { inLots, sideBySide } from "./lots";
import type { Progress } from "./progress";

/** The account that the fleet belongs to, and a key to look at it. */
export interface Ground {
  accountId: string;
  key: string;
  /** Whether it was there before. */
  known: boolean;
}

/** What is in the way of the fleet; the message says what to do. */
export class InTheWay extends Error {
  override name = "InTheWay";
}

const Account = z.object({ id: z.string() });
const ApiKey = z.object({ id: z.string(), key: z.string() });
const Issued = z.object({
  issued: z.int(),
  rejected: z.array(z.object({ index: z.int(), error: z.string() })),
});
const Sims = z.object({
  sims: z.array(z.object({ id: z.string() })),
  pagination: z.object({ next_page: z.string().optional() }),
});

const CARDS_A_CALL = 1_000;
const AT_ONCE = 16;
/** The most that an account may be given: a fleet is made faster than a key may call. */
const QUICKLY = { rate_limit: 1_000_000 };

/** A new account, or the one that is named, with a key of its own for this run. */
export async function findGround(operator: Call, named: string | undefined): Promise<Ground> {
  const accountId =
    named ??
    (await operator("POST", "/operator/accounts", Account, { name: "Simulated fleet" })).id;
  const { key } = await makeKey(operator, accountId, "simulate");
  return { accountId, key, known: named !== undefined };
}

function makeKey(operator: Call, accountId: string, name: string) {
  const path = `/operator/accounts/${encodeURIComponent(accountId)}/keys`;
  return operator("POST", path, ApiKey, { name });
}

/**
 * Issues a card for each device and makes its SIM; those that the account has already stay as they are. It has a key for
 * that alone, `actAs` of which calls the API: what it makes is not counted against the one that the run is looked at with.
 */
export async function makeFleet(
  { operator, account, actAs }: { operator: Call; account: Call; actAs: (key: string) => Call },
  ground: Ground,
  devices: Iterable<Device>,
  sims: number,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const limits = `/operator/accounts/${encodeURIComponent(ground.accountId)}`;
  const there = ground.known ? await simsOf(account) : new Set<string>();
  if (!ground.known) await operator("PATCH", limits, z.unknown(), QUICKLY);
  const maker = await makeKey(operator, ground.accountId, "simulate: makes the SIMs");
  const make = actAs(maker.key);
  try {
    let made = 0;
    for (const some of inLots(devices, CARDS_A_CALL)) {
      if (signal.aborted) return;
      await issue(operator, ground, some);
      await sideBySide(
        some.filter(({ card }) => !there.has(card.id)),
        AT_ONCE,
        async ({ card, label }) => {
          if (signal.aborted) return;
          await make("POST", "/sim", z.unknown(), { id: card.id, alias: label }).catch(existing);
          progress.show(++made / sims, `${made} of ${sims} SIMs made`);
        },
      );
    }
  } finally {
    await operator("DELETE", `/operator/keys/${maker.id}`, z.unknown());
    if (!ground.known) await operator("PATCH", limits, z.unknown(), { rate_limit: null });
  }
}

async function issue(operator: Call, { accountId }: Ground, devices: Device[]): Promise<void> {
  const cards = devices.map(({ card }) => ({ ...card, account_id: accountId }));
  const { rejected } = await operator("PUT", "/operator/sims", Issued, { sims: cards });
  const [first] = rejected;
  if (!first) return;
  if (["id_conflict", "iccid_conflict", "imsi_conflict"].includes(first.error))
    throw new InTheWay(
      `SIM ${cards[first.index]?.id} belongs to another account: this seed was used on this server before. Name that account with --account, or take another --seed.`,
    );
  throw new InTheWay(`SIM ${cards[first.index]?.id} was refused: ${first.error}.`);
}

async function simsOf(account: Call): Promise<Set<string>> {
  const ids = new Set<string>();
  let page = "";
  do {
    const { sims, pagination } = await account("GET", `/sims?limit=1000${page}`, Sims);
    for (const { id } of sims) ids.add(id);
    page = pagination.next_page ? `&next_page=${encodeURIComponent(pagination.next_page)}` : "";
  } while (page !== "");
  return ids;
}

/** A SIM whose answer was lost is there when it is asked for again. */
function existing(error: unknown): void {
  if (!(error instanceof ApiFailure && error.body === '{"error":"id_conflict"}')) throw error;
}
