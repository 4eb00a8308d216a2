/** A usage event of a SIM; each call another bill unless told. */
let bills = 0;

export function usageOf(sim_id: string, changes: object = {}) {
  bills += 1;
  return {
    type: "usage",
    time: "2026-03-01 01:23:45",
    bill_id: `bill-${bills}`,
    sim_id,
    country_code: "dk",
    operation: "update",
    upload: "10",
    download: "100",
    ...changes,
  };
}

export function validationOf(sim_id: string, changes: object = {}) {
  return {
    type: "network-validation",
    time: "2026-03-01 01:23:45",
    sim_id,
    imei: "1234567890987654",
    country_code: "dk",
    ...changes,
  };
}

export function registrationOf(sim_id: string, changes: object = {}) {
  return {
    ...validationOf(sim_id),
    type: "network-registration",
    country_code_previous: "de",
    ...changes,
  };
}

/** `/usage` of all that these events' month holds. */
export const MARCH = "/usage?time_begin=2026-03-01T00:00:00Z&time_end=2026-04-01T00:00:00Z";
