import * as z from "zod";
import type { Access } from "../../access/access";
import type { Db } from "../../db/client";
import { SAMPLES } from "../../events/schemas";
import type { EventType } from "../../events/types";
import { asDelivery } from "../../pipeline/delivery/fan-out";
import { type SimFacts, TypeName } from "../../events/payload";
import { iccidOf } from "../sims/iccid";
import type { EncryptionKeys } from "../../platform/crypto";
import { Deadline } from "../../pipeline/delivery/deadline";
import { deliver, type DeliverOptions, TIMEOUT_MS } from "../../pipeline/delivery/send";
import { findSealedEndpoint, openEndpoint } from "../../pipeline/delivery/endpoints";
import type { TestResult } from "./responses";

export const TestInput = z.strictObject({ type: TypeName.default("usage") });

const KEPT_BYTES = 1024;

/** An id that no card has: a receiver that takes a test event for a real one counts it for no SIM of the account. */
const TEST_SIM_ID = "000000000";
const TEST_SIM: SimFacts = {
  iccid: iccidOf(TEST_SIM_ID),
  label: "Test SIM",
  ipv4: null,
  imei: "1234567890987654",
  network: null,
  country_code: null,
};

/** Sends a webhook, active or not, a sample event that is marked as a test. Throws `webhook_not_found` and `tag_forbidden`. */
export async function sendTest(
  db: Db,
  access: Access,
  webhookId: string,
  type: EventType,
  encryptionKeys: EncryptionKeys,
  { timeoutMs = TIMEOUT_MS, ...options }: DeliverOptions,
): Promise<TestResult> {
  const row = await findSealedEndpoint(db, access, webhookId);
  const endpoint = await openEndpoint(row, encryptionKeys);
  const id = `evt_test_${crypto.randomUUID()}`;
  const sample = { ...SAMPLES[type], id, sim_id: TEST_SIM_ID };
  const event = await asDelivery(sample, row.payload, TEST_SIM);
  const deadline = new Deadline(timeoutMs);
  const how = { ...options, keepBytes: KEPT_BYTES, test: true };
  const outcome = await deliver(endpoint, event, deadline, how);
  deadline.end();
  return {
    event_id: event.id,
    accepted: outcome.accepted,
    response_status: outcome.status,
    failure: outcome.failure,
    duration_ms: outcome.ms,
    response: outcome.said,
  };
}
