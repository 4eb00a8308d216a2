import { type Simplane, SimplaneError } from "../../client";
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

const CARDS_A_CALL = 1_000;
const AT_ONCE = 16;
/** The most that an account may be given: a fleet is made faster than a key may call. */
const QUICKLY = { rate_limit: 1_000_000 };

/** A new account, or the one that is named, with a key of its own for this run. */
export async function findGround(operator: Simplane, named: string | undefined): Promise<Ground> {
  const accountId = named ?? (await makeAccount(operator));
  const { key } = await makeKey(operator, accountId, "simulate");
  return { accountId, key, known: named !== undefined };
}

async function makeAccount(operator: Simplane): Promise<string> {
  const body = { name: "Simulated fleet" };
  return (await operator.POST("/operator/accounts", { body })).data.id;
}

async function makeKey(operator: Simplane, id: string, name: string) {
  const init = { params: { path: { id } }, body: { name } };
  return (await operator.POST("/operator/accounts/{id}/keys", init)).data;
}

/** Who calls the API: the operator, the account as it is looked at, and any key. */
interface Callers {
  operator: Simplane;
  account: Simplane;
  actAs: (key: string) => Simplane;
}

/**
 * Issues a card for each device and makes its SIM; those that the account has already stay as they are. It has a key for
 * that alone, `actAs` of which calls the API: what it makes is not counted against the one that the run is looked at with.
 */
export async function makeFleet(
  { operator, account, actAs }: Callers,
  ground: Ground,
  devices: Iterable<Device>,
  sims: number,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const limit = (body: { rate_limit: number | null }) =>
    operator.PATCH("/operator/accounts/{id}", { params: { path: { id: ground.accountId } }, body });
  const there = ground.known ? await simsOf(account) : new Set<string>();
  if (!ground.known) await limit(QUICKLY);
  const maker = await makeKey(operator, ground.accountId, "simulate: makes the SIMs");
  const make = actAs(maker.key);
  try {
    let made = 0;
    for (const some of inLots(devices, CARDS_A_CALL)) {
      if (signal.aborted) return;
      await issue(operator, ground, some, signal);
      await sideBySide(
        some.filter(({ card }) => !there.has(card.id)),
        AT_ONCE,
        async ({ card, label }) => {
          if (signal.aborted) return;
          await make.POST("/sim", { body: { id: card.id, alias: label }, signal }).catch(existing);
          progress.show(++made / sims, `${made} of ${sims} SIMs made`);
        },
      );
    }
  } finally {
    await operator.DELETE("/operator/keys/{id}", { params: { path: { id: maker.id } } });
    if (!ground.known) await limit({ rate_limit: null });
  }
}

async function issue(
  operator: Simplane,
  { accountId }: Ground,
  devices: Device[],
  signal: AbortSignal,
): Promise<void> {
  const cards = devices.map(({ card }) => ({ ...card, account_id: accountId }));
  const { data } = await operator.PUT("/operator/sims", { body: { sims: cards }, signal });
  const [first] = data.rejected;
  if (!first) return;
  if (["id_conflict", "iccid_conflict", "imsi_conflict"].includes(first.error))
    throw new InTheWay(
      `SIM ${cards[first.index]?.id} belongs to another account: this seed was used on this server before. Name that account with --account, or take another --seed.`,
    );
  throw new InTheWay(`SIM ${cards[first.index]?.id} was refused: ${first.error}.`);
}

async function simsOf(account: Simplane): Promise<Set<string>> {
  const ids = new Set<string>();
  const init = { params: { query: { limit: 1000 } } };
  for await (const { id } of account.iterate("/sims", init)) ids.add(id);
  return ids;
}

/** A SIM whose answer was lost is there when it is asked for again. */
function existing(error: unknown): void {
  if (!(error instanceof SimplaneError && error.code === "id_conflict")) throw error;
}
