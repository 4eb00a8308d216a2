export { createClient, type Options, type Simplane } from "./client";
export type { Page, PagedPath, Row } from "./calls";
export { type ErrorCode, SimplaneError } from "./error";
export type { WebhookEvent } from "./events";
export type { FeedEvent, Follow, Followed } from "./follow";
export type { components, operations, paths, webhooks } from "./schema";
export {
  type Received,
  type Tolerance,
  verifyWebhook,
  WebhookVerificationError,
} from "./verify-webhook";
