import { callAsOperator, type Answer } from "./call";
import type { Pipeline } from "./pipeline";

const PATH = "/operator/events/unmatched";

/** What is kept aside, oldest first. */
export async function unmatched(pipeline: Pipeline) {
  return (await callAsOperator("GET", PATH, undefined, { env: pipeline.env })).json.events;
}

/** Tries one again, as the operator decides it, and consumes what that puts on the queue. */
export async function retryAndStore(
  pipeline: Pipeline,
  id: string,
  body?: { as?: string },
): Promise<Answer> {
  const answer = await callAsOperator("POST", `${PATH}/${id}/retry`, body, { env: pipeline.env });
  await pipeline.storeAll();
  return answer;
}

/** The events that the fan-out put on the queue of deliveries, with their bodies read. */
export function sentBy(pipeline: Pipeline) {
  return pipeline.deliveries.messages.flatMap((message) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fan-out's own message
    const { events } = message as { events: { id: string; type: string; body: string }[] };
    return events.map(({ id, type, body }) => ({ id, type, data: bodyOf(body) }));
  });
}

function bodyOf(text: string): unknown {
  return JSON.parse(text);
}
