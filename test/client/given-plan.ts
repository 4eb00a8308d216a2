import { Webhook } from "standardwebhooks";
import type { Plan } from "./tour";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

/** A plan for a tour, with a POST that is signed now. */
export function givenPlan(simIds: string[]): Plan {
  const body = JSON.stringify({
    time: "2018-01-01 01:23:45",
    bill_id: "1234567890-1234",
    sim_id: "192837465",
    country_code: "dk",
    operation: "finalize",
    upload: "0",
    download: "0",
  });
  const now = new Date();
  const headers = {
    "x-event-type": "usage",
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("evt_1", now, body),
  };
  return { simIds, post: { headers, body }, secret: SECRET };
}
