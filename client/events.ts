import type { webhooks } from "./schema";

interface Sent {
  /** The event's id, the same however often it is sent. */
  id: string;
  /** When it was sent; when it happened, its `data` says. */
  sentAt: Date;
  /** Whether somebody asked for it, to try the endpoint. */
  isTest: boolean;
}

type Body<Name extends keyof webhooks> = webhooks[Name] extends {
  post: { requestBody: { content: { "application/json": infer Data } } };
}
  ? Data
  : never;

type EventOf<Name> = Name extends `${infer Payload}.${infer Type}`
  ? Name extends keyof webhooks
    ? Sent & { payload: Payload; type: Type; data: Body<Name> }
    : never
  : never;

/** What a webhook is sent: by its payload, `classic` or `fleet`, and its type. */
export type WebhookEvent = EventOf<keyof webhooks>;
