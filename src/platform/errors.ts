import type { ContentfulStatusCode } from "hono/utils/http-status";
import { LIMITS } from "./limits";

/** Every error a caller can see: code -> status and sentence. */
export const ERRORS = {
  json_invalid: [400, "The body is not one JSON object in UTF-8 with distinct names."],
  field_unknown: [
    400,
    "The body has a field that the call does not know; x-error-detail names it.",
  ],
  parameter_unknown: [
    400,
    "The query, or the body of a GET or a DELETE, has a parameter that the call does not know; x-error-detail names it.",
  ],
  idempotency_key_invalid: [400, "Idempotency-Key is not 1 to 255 visible ASCII characters."],
  bookmark_invalid: [400, "x-d1-bookmark is not a bookmark that an answer gave."],
  limit_invalid: [400, "limit is not a whole number from 1 to what the call allows."],
  after_invalid: [400, "after is not a cursor that an answer gave."],
  since_invalid: [400, "since is missing or not a time."],
  until_invalid: [400, "until is not a time, or is before since."],
  as_invalid: [400, "as is not another or replacement, or the event is no id_conflict."],
  replaces_invalid: [
    400,
    "replaces is not an id, is missing from a correction, or stands in an event that is none.",
  ],
  reason_invalid: [400, "reason is not a text of at most 64 characters (an event's: 255)."],
  status_invalid: [
    400,
    "status is not one of those that the call names (an event's: a text of at most 64 characters).",
  ],
  atomic_invalid: [400, "atomic is not true or false."],
  if_match_invalid: [400, "If-Match is not * or a list of ETags, each in quotation marks."],
  dry_run_invalid: [400, "dry_run is not true or false."],
  retry_invalid: [400, "retry is not none or standard."],
  offset_invalid: [400, "offset is not a whole number from 0."],
  filter_invalid: [
    400,
    "filter is not key:value with a key and a value that the call knows, or stands beside sim_id, time_begin or time_end.",
  ],
  sort_invalid: [
    400,
    "sort is not a field that the call sorts by, with - before it for descending.",
  ],
  group_invalid: [
    400,
    "group is not hours, days, months, sim, country or network, or stands beside sim_id, time_begin or time_end.",
  ],
  search_invalid: [400, "search is missing or not 1 to 100 characters."],
  timestamp_invalid: [400, "timestamp is not a time."],
  next_page_invalid: [400, "next_page is not a cursor that an answer gave."],
  actor_invalid: [400, "actor is not operator, system or a key's id."],
  action_invalid: [
    400,
    "action is none that the audit log has, nor the part of one before its dot.",
  ],
  format_invalid: [400, "format is not json or ndjson."],

  id_invalid: [400, "The id is missing or not of its form (a SIM's: nine digits, as a string)."],
  alias_invalid: [400, "The alias is not 1 to 100 characters without control characters, or null."],
  active_invalid: [400, "active is not true or false."],
  connector_invalid: [400, "connector is not a connector's id or null."],
  type_invalid: [400, "The type is missing or unknown."],
  options_invalid: [400, "The options are not those of the connector's type."],
  passthrough_invalid: [400, "passthrough is not a list of {protocol, ip, port}."],
  sim_id_invalid: [
    400,
    "The SIM's id is not nine digits, as a string (in the fleet API: nor an ICCID of 18 to 22).",
  ],
  time_begin_invalid: [
    400,
    "time_begin is not a time, or lies in the future where no time_end was given.",
  ],
  time_end_invalid: [400, "time_end is not a time, or is before time_begin."],
  url_invalid: [
    400,
    "The URL is not a public https address on port 443 without credentials, or has braces other than those of {type}.",
  ],
  authorization_invalid: [
    400,
    "authorization is not a header value of 1 to 4096 characters, or null.",
  ],
  label_invalid: [400, "The label is not 1 to 100 characters without control characters, or null."],
  exclude_types_invalid: [400, "exclude_types is not a list of event types."],

  payload_invalid: [400, "payload is not classic or fleet."],
  tag_id_invalid: [400, "The tag's id is not a UUID."],
  tags_invalid: [400, "tags is not a list of at most 100 ids of tags."],
  color_invalid: [400, "color is not #rrggbb or null."],
  networks_invalid: [
    400,
    "networks is not a list of at most 1000 {mcc, mnc}, mnc null for all of an MCC.",
  ],
  network_whitelist_invalid: [400, "network_whitelist is not a network list's name or null."],
  imei_lock_invalid: [400, "imei_lock is not 14 to 16 digits or null."],
  activated_invalid: [400, "activated is not true or false."],
  data_limit_invalid: [
    400,
    "data_limit is not {total, type, alert_threshold}: bytes, at least 500000, a month.",
  ],
  technologies_invalid: [400, "technologies is not {sms, 2g_3g, 4g}, each true or false."],
  changes_invalid: [400, "The body is not a list of 1 to 1000 changes."],
  change_invalid: [
    400,
    "The change is not an object with the id of a SIM that no change before it has.",
  ],
  tag_already_on_sim: [400, "The SIM carries the tag already."],
  tag_not_on_sim: [400, "The SIM does not carry the tag."],

  name_invalid: [400, "The name is not 1 to 100 characters without control characters."],
  scopes_invalid: [400, "scopes is missing or not a list of distinct scopes."],
  expires_at_invalid: [400, "expires_at is not a time, or null; a new key's lies in the future."],
  allowed_ips_invalid: [
    400,
    "allowed_ips is not a list of at most 100 CIDR ranges, each written from its first address.",
  ],
  overlap_seconds_invalid: [400, "overlap_seconds is not a whole number from 0 to 604800."],
  rate_limit_invalid: [400, "rate_limit is not a whole number from 1 to 1000000, or null."],
  account_id_invalid: [400, "account_id is missing or not an account's id."],
  sims_invalid: [400, "sims is not a list of 1 to 1000 cards."],
  card_invalid: [400, "The card is not an object."],
  iccid_invalid: [400, "The ICCID is not 18 to 22 digits."],
  imsi_invalid: [400, "The IMSI is not 6 to 15 digits."],
  msisdn_invalid: [400, "The MSISDN is not 3 to 15 digits, with or without +."],
  eid_invalid: [400, "The EID is not 32 digits."],
  ipv4_invalid: [400, "ipv4 is not an IPv4 address."],
  take_invalid: [400, "take is not true or false."],

  events_invalid: [400, "events is not a list of 1 to 1000 events (as lines: 1 to 10000)."],
  event_invalid: [400, "The event is not an object."],
  time_invalid: [400, "The time is not a time since 1970."],
  bill_id_invalid: [400, "bill_id is not 1 to 255 characters without control characters."],
  country_code_invalid: [400, "country_code is not two letters or null (a filter: or none)."],
  country_code_previous_invalid: [400, "country_code_previous is not two letters or null."],
  operation_invalid: [400, "operation is not start, update or finalize."],
  upload_invalid: [400, "upload is not a whole number of bytes, at most 100 TB."],
  download_invalid: [400, "download is not a whole number of bytes, at most 100 TB."],
  imei_invalid: [400, "The IMEI is not 14 to 16 digits or null."],
  session_id_invalid: [400, "session_id is not 1 to 253 characters without control characters."],
  network_type_invalid: [400, "network_type is not 1 to 16 characters without control characters."],
  network_invalid: [400, "network is not {name, country, country_code, mcc, mnc}."],
  location_invalid: [400, "location is not {lat, lng, cell_id, location_area_code, accuracy}."],

  unauthorized: [401, "The Authorization header holds no valid key."],

  https_required: [403, "The API is served over HTTPS only."],
  scope_missing: [403, "The key does not have the scope that the call needs."],
  address_forbidden: [403, "The key may not be used from this address."],
  grant_forbidden: [403, "A key cannot give another more than it may do itself."],
  tag_forbidden: [
    403,
    "The key is limited to tags: it makes and changes only what carries them, and no others.",
  ],
  webhook_loop: [403, "The call is a webhook's delivery: it must not send events itself."],
  operator_only: [403, "Only the operator's key may call this."],
  id_forbidden: [403, "The SIM's id belongs to another account, or was not issued to this one."],
  sim_id_forbidden: [403, "The SIM belongs to another account."],

  not_found: [404, "There is nothing at this path."],
  sim_not_found: [404, "The account has no such SIM."],
  sim_id_not_found: [404, "The account has no such SIM."],
  connector_not_found: [404, "The account has no such connector."],
  network_whitelist_not_found: [404, "The account has no such network list."],
  tag_not_found: [404, "The account has no such tag."],
  event_not_found: [404, "The account has no such event, or it is no longer kept."],
  webhook_not_found: [404, "The account has no such webhook."],
  account_not_found: [404, "There is no such account."],
  key_not_found: [404, "There is no such key."],
  replay_not_found: [404, "The webhook has no replay running."],
  unmatched_not_found: [404, "There is no such unmatched event."],

  method_not_allowed: [405, "The path does not take this method; Allow names those it takes."],

  id_conflict: [409, "The id is taken."],
  alias_conflict: [409, "Another SIM of the account has this alias."],
  label_conflict: [409, "Another SIM of the account has this label."],
  name_conflict: [409, "The name is taken."],
  usage_too_large: [
    409,
    "The tags are on too many SIMs to be summed for the period; name a SIM, or choose a shorter period or another group.",
  ],
  connector_in_use: [409, "A SIM still uses the connector."],
  network_whitelist_in_use: [409, "A SIM still uses the network list."],
  tag_in_use: [409, "Something of the account still carries the tag."],
  sim_limit_reached: [409, "The account has as many SIMs as it may make."],
  connector_limit_reached: [
    409,
    `The account has ${LIMITS.connectors.most} connectors, the most there may be.`,
  ],
  network_whitelist_limit_reached: [
    409,
    `The account has ${LIMITS.networkLists.most} network lists, the most there may be.`,
  ],
  tag_limit_reached: [
    409,
    `The account has ${LIMITS.tags.most} tags, or the SIM ${LIMITS.tagsOfSim.most}: the most there may be.`,
  ],
  webhook_limit_reached: [
    409,
    `The account has ${LIMITS.webhooks.most} webhooks, the most there may be.`,
  ],
  secret_limit_reached: [
    409,
    "Five secrets still sign beside the newest; try again when one has run out.",
  ],
  replay_too_large: [409, "The period holds more than one replay takes; choose a shorter one."],
  replay_in_progress: [409, "The webhook has a replay running; wait for its end or cancel it."],
  unmatched_not_retriable: [
    409,
    "It is too large for a queue, or no delivery: it can be read and removed, and would only come back.",
  ],
  webhook_inactive: [409, "The webhook is switched off; nothing can be sent to it."],
  idempotency_key_reused: [409, "Another request was made with this Idempotency-Key."],
  idempotency_in_progress: [409, "The first request with this Idempotency-Key is still running."],
  idempotency_answer_not_kept: [
    409,
    "The request was done; its answer was too large to be kept, or was lost.",
  ],
  atomic_refused: [
    409,
    "One of the changes cannot be made, so none was; dry_run says which and why.",
  ],
  last_key: [409, "No other key of the account could change keys then."],
  key_limit_reached: [
    409,
    `The account has ${LIMITS.keys.most} keys that are valid, the most there may be.`,
  ],
  key_expired: [409, "The key has expired; make a new one in its place."],
  iccid_conflict: [409, "Another card has this ICCID."],
  imsi_conflict: [409, "Another card has this IMSI."],

  changed_meanwhile: [412, "The SIM is no longer as If-Match says; read it again."],

  body_too_large: [
    413,
    "The body is larger than the call allows, or becomes so when it is unpacked.",
  ],
  encoding_unsupported: [415, "Content-Encoding is not gzip; send the body so, or as it is."],
  idempotency_budget_spent: [
    429,
    "The account has used as many Idempotency-Keys as are kept of an hour; try again after Retry-After seconds.",
  ],
  change_budget_spent: [
    429,
    "The account has changed as much as the audit log takes in an hour; try again after Retry-After seconds.",
  ],
  too_many_requests: [429, "Too many requests; try again later."],
  internal_error: [500, "Something failed on our side; x-request-id names it in our log."],
  overloaded: [
    503,
    "The database is overloaded or out of reach; try again after Retry-After seconds, a change with its Idempotency-Key.",
  ],
  storage_full: [
    507,
    "The deployment's database is full: nothing is stored until its operator makes room. Reading goes on.",
  ],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ErrorCode = keyof typeof ERRORS;

/** Ends a request with a code of {@link ERRORS}. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly code: ErrorCode,
    readonly headers: Record<string, string> = {},
    /** In plain words, what was wrong with which value; the code's sentence unless given. Not for the log: it may quote the caller. */
    readonly detail?: string,
  ) {
    super(code);
  }

  /** As it is answered in a list of results. */
  asEntry(): { error: ErrorCode; detail?: string } {
    const { code: error, detail } = this;
    return detail === undefined ? { error } : { error, detail };
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
