import { asOperator, objectIn } from "./request";

/** The specification's samples, in its order. */
export const SAMPLES = {
  usage: {
    time: "2018-01-01 01:23:45",
    bill_id: "1234567890-1234",
    sim_id: "192837465",
    country_code: "dk",
    operation: "finalize",
    upload: "0",
    download: "0",
  },
  "network-validation": {
    time: "2018-01-01 01:23:45",
    sim_id: "192837465",
    imei: "1234567890987654",
    country_code: "dk",
  },
  "network-registration": {
    time: "2018-01-01 01:23:45",
    sim_id: "192837465",
    imei: "1234567890987654",
    country_code: "dk",
    country_code_previous: "de",
  },
};

/** A usage event as the core network reports it. */
export function usageOf(sim_id: string, changes: Partial<typeof SAMPLES.usage> = {}) {
  return { type: "usage", ...SAMPLES.usage, sim_id, ...changes };
}

/** As many different usage events of one SIM. */
export function usagesOf(sim_id: string, count: number, bill = "bill") {
  return Array.from({ length: count }, (_, index) =>
    usageOf(sim_id, { bill_id: `${bill}-${index}`, upload: "1", download: "2" }),
  );
}

/** Reports events in one call, all of which must be taken. */
export async function report(...events: object[]): Promise<void> {
  const { accepted } = objectIn(await asOperator("POST", "/operator/events", { events }));
  if (accepted !== events.length) throw new Error(`${String(accepted)} of ${events.length} taken`);
}
