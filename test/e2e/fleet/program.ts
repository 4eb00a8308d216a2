import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

// A program as someone writes it against the public fleet API, from its documentation only: nothing of this project.

interface Page<Field extends string, Item> {
  response: Record<Field, Item[]>;
  next: string | undefined;
}

interface Pagination {
  has_more: boolean;
  next_page?: string;
}

export interface Sim {
  id: string;
  iccid: string;
  label: string | null;
  activated: boolean;
  tags: { id: string; name: string }[];
}

interface UsageRecord {
  time: string;
  bill_id: string;
  sim_id: string;
  iccid: string;
  bytes: number;
  network: { mcc: string; mnc: string };
}

interface UsageEvent {
  type: string;
  sim_id: string;
  iccid: string;
  sim_label: string | null;
  time: string;
  bytes: number;
  network: { country: string; country_code: string; mcc: string; mnc: string };
}

/** The API under a base URL, which is all that is ours to choose. */
export function fleetApi(base: string, key: string) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: key, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    const answer: T = JSON.parse(await response.text());
    return answer;
  }

  async function page<Field extends string, Item>(
    path: string,
    next: string | undefined,
  ): Promise<Page<Field, Item>> {
    const cursor = next === undefined ? "" : `&next_page=${next}`;
    const response = await call<Record<Field, Item[]> & { pagination: Pagination }>(
      "GET",
      path + cursor,
    );
    return { response, next: response.pagination.next_page };
  }

  async function all<Field extends string, Item>(field: Field, path: string): Promise<Item[]> {
    const items: Item[] = [];
    let next: string | undefined;
    do {
      const one = await page<Field, Item>(path, next);
      items.push(...one.response[field]);
      next = one.next;
    } while (next !== undefined);
    return items;
  }

  return {
    sims: (filter = "") =>
      all<"sims", Sim>("sims", `/sims?limit=1000${filter && `&filter=${filter}`}`),
    usageOfDay: (day: string) =>
      all<"usage", UsageRecord>("usage", `/usage?limit=1000&filter=time%3A${day}`),
    async tagNamed(name: string): Promise<string> {
      const { result } = await call<{ result: { id: string; name: string }[] }>(
        "GET",
        "/tags/search/tags?offset=0&limit=100",
      );
      const tag = result.find((one) => one.name === name);
      if (!tag) throw new Error(`no tag ${name}`);
      return tag.id;
    },
    /** Tags SIMs, a thousand a call. */
    async tagAll(sims: Sim[], tagId: string): Promise<void> {
      for (let start = 0; start < sims.length; start += 1000) {
        const some = sims.slice(start, start + 1000);
        const changes = some.map(({ id, tags }) => ({
          id,
          tags: [...tags.map((tag) => tag.id), tagId],
        }));
        await call("PATCH", "/sims/bulk", changes);
      }
    },
    webhook: (url: string) =>
      call<{ id: string; secret: string }>("POST", "/webhooks", {
        url,
        label: "nightly",
        active: true,
        payload: "fleet",
        exclude_types: ["usage-sms", "sms", "location", "network-registration"],
      }),
  };
}

/** A receiver that believes what is signed, and keeps what it is sent. */
export function receiver(secret: () => string) {
  const events: UsageEvent[] = [];
  const refused: string[] = [];
  const server = createServer((request, response) => {
    receive(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });

  async function receive(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    const expected = `sha256=${createHmac("sha256", secret()).update(body).digest("hex")}`;
    const given = String(request.headers["x-onomondo-signature-256"]);
    if (
      given.length !== expected.length ||
      !timingSafeEqual(Buffer.from(given), Buffer.from(expected))
    ) {
      refused.push(body);
      return 401;
    }
    const event: UsageEvent = JSON.parse(body);
    events.push(event);
    return 200;
  }

  return { server, events, refused };
}
