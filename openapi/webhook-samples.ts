import { SAMPLES } from "../src/events/schemas";
import { EVENT_TYPES } from "../src/events/types";
import { classicPayload, fleetPayload, fleetType } from "../src/events/payload";
import { ICCID } from "./examples";

const SIM_FACTS = {
  iccid: ICCID,
  label: "My-Lego-Drone01",
  ipv4: null,
  imei: "1234567890987654",
  network: null,
  country_code: null,
};

/** Each type's sample as webhooks are sent it. */
export const CLASSIC_SAMPLES = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, classicPayload(SAMPLES[type])]),
);
export const FLEET_SAMPLES = Object.fromEntries(
  EVENT_TYPES.map((type) => [fleetType(type), fleetPayload(SAMPLES[type], SIM_FACTS)]),
);
