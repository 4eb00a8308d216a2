import { Hono } from "hono";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import type { Config } from "../../platform/env";
import { ApiError } from "../../platform/errors";
import { input, path } from "../../http/validate";
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  rotateSecret,
} from "./queries";
import { WebhookInput, WebhookKey, WebhookPatch } from "./schemas";
import { isAllowedTemplate, rulesOf } from "../../pipeline/delivery/target";

/** `/webhooks`: where an account's events go. */
export const webhookRoutes = new Hono<Keyed>()
  .get("/", key("webhooks:read"), async (c) => c.json(await listWebhooks(c.var.db, c.var.access)))
  .post("/", key("webhooks:write"), input(WebhookInput), async (c) => {
    const { db, access, config } = c.var;
    const webhook = c.req.valid("json");
    checkUrl(webhook.url, config, c.req.url);
    return c.json(await createWebhook(db, access, webhook, config.encryptionKeys));
  })
  .get("/:id", key("webhooks:read"), path(WebhookKey), async (c) => {
    return c.json(await findWebhook(c.var.db, c.var.access, c.req.valid("param").id));
  })
  .patch("/:id", key("webhooks:write"), path(WebhookKey), input(WebhookPatch), async (c) => {
    const { db, access, config } = c.var;
    const patch = c.req.valid("json");
    if (patch.url !== undefined) checkUrl(patch.url, config, c.req.url);
    const { id } = c.req.valid("param");
    return c.json(await changeWebhook(db, access, id, patch, config.encryptionKeys));
  })
  .post("/:id/rotate-secret", key("webhooks:write"), path(WebhookKey), async (c) => {
    const { db, access, config } = c.var;
    const { id } = c.req.valid("param");
    return c.json(await rotateSecret(db, access, id, config.encryptionKeys));
  })
  .delete("/:id", key("webhooks:write"), path(WebhookKey), async (c) => {
    await deleteWebhook(c.var.db, c.var.access, c.req.valid("param").id);
    return c.json(OK);
  });

/** The name that the request came to is one of our own, whatever the configuration says. */
function checkUrl(url: string, config: Config, requestUrl: string): void {
  const rules = rulesOf(config);
  const ownHostnames = [...rules.ownHostnames, new URL(requestUrl).hostname];
  if (!isAllowedTemplate(url, { ...rules, ownHostnames })) throw new ApiError("url_invalid");
}
