import { Hono } from "hono";
import { key, type Keyed } from "../auth/middleware";
import { ApiError } from "../errors";
import { input, path } from "../http/validate";
import { DeliveriesQuery, listDeliveries } from "./delivery-log";
import { countReplay, type Replay, ReplayInput } from "./replay";
import { WebhookKey } from "./schemas";
import { rulesOf } from "./target";
import { sendTest, TestInput } from "./send-test";

/** `/webhooks/{id}/...`: what was sent to a webhook, and what is to be sent again. */
export const webhookDeliveryRoutes = new Hono<Keyed>()
  .get(
    "/:id/deliveries",
    key("webhooks:read"),
    path(WebhookKey),
    input(DeliveriesQuery),
    async (c) => {
      const { id } = c.req.valid("param");
      return c.json(await listDeliveries(c.var.db, c.var.reach, id, c.req.valid("json")));
    },
  )
  .post("/:id/replay", key("webhooks:write"), path(WebhookKey), input(ReplayInput), async (c) => {
    const { dry_run, until: asked = Infinity, ...wanted } = c.req.valid("json");
    // What is sent from now on is no part of it: a replay that fails must not replay itself.
    const until = Math.min(asked, Date.now());
    if (asked < wanted.since) throw new ApiError("until_invalid");
    const replay: Replay = {
      ...wanted,
      until,
      webhook_id: c.req.valid("param").id,
      account_id: c.var.reach.accountId,
      tags: c.var.reach.tags && [...c.var.reach.tags],
      after: [0, 0],
    };
    const events = await countReplay(c.var.db, replay);
    if (!dry_run && events > 0) await c.env.REPLAYS.send(replay);
    return c.json({ events }, dry_run ? 200 : 202);
  })
  .post(
    "/:id/test",
    key("webhooks:write"),
    path(WebhookKey),
    input(TestInput, { bodyOptional: true }),
    async (c) => {
      const { db, reach, config } = c.var;
      const { id } = c.req.valid("param");
      const { type } = c.req.valid("json");
      return c.json(
        await sendTest(db, reach, id, type, config.encryptionKeys, {
          rules: rulesOf(config),
        }),
      );
    },
  );
