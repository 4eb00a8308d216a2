/** What the examples name: the same things throughout. */
export const SIM = "192837465";
export const OTHER_SIM = "192837466";
export const ICCID = "89457300001928374654";
export const IMSI = "238010000000001";
export const CONNECTOR = "my-cloud";
export const NETWORK_LIST = "Nordics";
export const TAG = "8a03c4bc-fc09-486c-93ac-c90875f4da66";
export const WEBHOOK = "9601fd3e-03e9-4bb1-8876-df18dc50c6a4";
export const KEY = "a4544ad2-9921-4124-97e4-87e0457f7ba6";
export const OTHER_KEY = "d2375fb5-420b-4837-9e90-b17ed10d5ed1";
export const ACCOUNT = "6f0b1f3c-2f6e-4d5b-9d1c-0c7c3c0f8a55";
export const EVENT = "evt_mwu6is1s_192837465_07fb89d62d69da54";
export const UNMATCHED = "700012";

export const TIME = "2026-11-24T04:13:04.000Z";
export const CLASSIC_TIME = "2026-11-24 04:13:04";

export const LAST_PAGE = { has_more: false };

export const TAG_ANSWER = { name: "Suppliers", id: TAG, can_write: true, color: "#5ba571" };

/** A cursor as answers give it. */
export function cursorTo(position: unknown): string {
  return btoa(JSON.stringify(position))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
