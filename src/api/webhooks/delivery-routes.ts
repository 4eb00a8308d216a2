import { Hono } from "hono";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import { countWork } from "../../request/rate-limit";
import type { Keyed } from "../../request/types";
import { ApiError } from "../../platform/errors";
import { input, path } from "../../http/validate";
import { DeliveriesQuery, listDeliveries } from "../../pipeline/delivery/log";
import { type Replay, ReplayInput } from "../../pipeline/delivery/replay";
import { cancelReplay, findReplay, type ReplayStep } from "../../pipeline/delivery/running-replays";
import { refuseDeliveries } from "./refuse-deliveries";
import { WebhookKey } from "./schemas";
import { countReplay, startReplay } from "../../pipeline/delivery/start-replay";
import { rulesOf } from "../../pipeline/delivery/target";
import { sendTest, TestInput } from "./send-test";

/** A replay counts as a call for each so many events that it sends. */
const EVENTS_A_CALL = 1_000;

/** `/webhooks/{id}/...`: what was sent to a webhook, and what is to be sent again. */
export const webhookDeliveryRoutes = new Hono<Keyed>()
  .get(
    "/:id/deliveries",
    key("webhooks:read"),
    path(WebhookKey),
    input(DeliveriesQuery),
    async (c) => {
      const { id } = c.req.valid("param");
      return c.json(await listDeliveries(c.var.db, c.var.access, id, c.req.valid("json")));
    },
  )
  .get("/:id/replay", key("webhooks:read"), path(WebhookKey), async (c) => {
    return c.json(await findReplay(c.var.db, c.var.access, c.req.valid("param").id));
  })
  .post(
    "/:id/replay",
    refuseDeliveries,
    key("webhooks:write"),
    path(WebhookKey),
    input(ReplayInput),
    async (c) => {
      const { dry_run, until: asked = Infinity, ...wanted } = c.req.valid("json");
      // What is sent from now on is no part of it: a replay that fails must not replay itself.
      const until = Math.min(asked, Date.now());
      if (asked < wanted.since) throw new ApiError("until_invalid");
      const replay: Replay = {
        ...wanted,
        until,
        webhook_id: c.req.valid("param").id,
        account_id: c.var.access.accountId,
        tags: c.var.access.tags && [...c.var.access.tags],
        after: [0, 0],
      };
      if (dry_run) return c.json({ events: await countReplay(c.var.db, replay) });
      const { webhook_id, account_id } = replay;
      const step: ReplayStep = { webhook_id, account_id, id: crypto.randomUUID() };
      const events = await startReplay(c.var.db, replay, step);
      countWork(c, Math.ceil(events / EVENTS_A_CALL));
      if (events > 0) await c.env.REPLAYS.send(step);
      return c.json({ events }, 202);
    },
  )
  .delete("/:id/replay", key("webhooks:write"), path(WebhookKey), async (c) => {
    await cancelReplay(c.var.db, c.var.access, c.req.valid("param").id);
    return c.json(OK);
  })
  .post(
    "/:id/test",
    refuseDeliveries,
    key("webhooks:write"),
    path(WebhookKey),
    input(TestInput, { bodyOptional: true }),
    async (c) => {
      const { db, access, config } = c.var;
      const { id } = c.req.valid("param");
      const { type } = c.req.valid("json");
      return c.json(
        await sendTest(db, access, id, type, config.encryptionKeys, {
          rules: rulesOf(config),
        }),
      );
    },
  );
