import type { Location } from "../../events/details";

/** Where a SIM's device was, and when (ms). */
export type LocatedAt = Location & { time: number };

/** A SIM's monthly limit in bytes, and the usage to tell of before it. */
export interface StoredDataLimit {
  total: number;
  alert_threshold?: number;
}
export interface Technologies {
  sms: boolean;
  "2g_3g": boolean;
  "4g": boolean;
}

/** The queue that a webhook's deliveries go by: `slow` is for endpoints that keep failing, or answer slowly. */
export type Lane = "fast" | "slow";

/** Why a webhook was switched off by itself: it answered 410, or did nothing but fail for five days. */
export type DisabledReason = "gone" | "failing";

/** What becomes of an event that an endpoint did not accept: dropped, or tried again by the standard schedule. */
export const RETRY_POLICIES = ["none", "standard"] as const;
export type RetryPolicy = (typeof RETRY_POLICIES)[number];

/** A tag as the account's row holds it. */
export interface StoredTag {
  name: string;
  id: string;
  can_write: boolean;
  color: string | null;
}

export type ConnectorType = "https" | "tls" | "microsoft_azure_iot" | "aws_iot_core";
