import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Webhook } from "standardwebhooks";

/** An endpoint for webhooks on this machine: prints each event and says whether its signature is right. */

const HELP = `npm run receiver -- [options]

An endpoint for webhooks on this machine: prints each event, and says whether its signature is right.

  --port N          where it listens (9999)
  --secret SECRET   the webhook's signing secret (WEBHOOK_SECRET); with it, a wrong signature is answered 401
  --server URL      the server of the call that it prints (SIMPLANE_URL, or http://localhost:8787)
  --help            this text`;

const values = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit();
}
const port = Number(values.port);
const secret = values.secret ?? process.env["WEBHOOK_SECRET"];
const verifier = secret ? verifierOf(secret) : undefined;

const server = createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    // Whoever sends went away before its end.
    () => response.destroy(),
  );
});
server.on("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is taken: choose another with --port.` : error.message);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => console.log(greeting()));

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "9999" },
        secret: { type: "string" },
        server: { type: "string", default: process.env["SIMPLANE_URL"] || "http://localhost:8787" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return process.exit(1);
  }
}

function verifierOf(given: string): Webhook {
  try {
    return new Webhook(given);
  } catch {
    console.error("The secret is not one: whsec_ and base64, as the webhook's answer gave it.");
    return process.exit(1);
  }
}

async function receive(request: IncomingMessage): Promise<number> {
  if (request.method !== "POST") return 405;
  const body = await text(request);
  const verdict = verify(body, request);
  const type = header(request, "x-event-type");
  console.log(`${type} ${header(request, "webhook-id")} (${verdict})\n  ${body}`);
  return verdict === "wrong signature" ? 401 : 204;
}

function verify(body: string, request: IncomingMessage) {
  if (!verifier) return "not verified";
  try {
    verifier.verify(body, {
      "webhook-id": header(request, "webhook-id"),
      "webhook-timestamp": header(request, "webhook-timestamp"),
      "webhook-signature": header(request, "webhook-signature"),
    });
    return "signature verified";
  } catch {
    return "wrong signature";
  }
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? "-");
}

function greeting(): string {
  const create = `curl -X POST ${values.server}/webhooks -H 'Authorization: YOUR-API-KEY' --data '{"url":"http://localhost:${port}/{type}"}'`;
  return `Receiving on http://localhost:${port}
${verifier ? "Signatures are verified: 204 when right, 401 when wrong." : "Signatures are NOT verified: start it with --secret whsec_... (or WEBHOOK_SECRET) to do so."}

Point a webhook here; the answer holds its secret:
  ${create}
`;
}
