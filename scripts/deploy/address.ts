import * as z from "zod";

const Deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()) });
const CUSTOM_DOMAIN = / \(custom domain\)$/;

/** The deployment's address in what wrangler writes to WRANGLER_OUTPUT_FILE_PATH: a domain of one's own before workers.dev. */
export function addressIn(output: string): string {
  const targets = output
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => Deployed.safeParse(JSON.parse(line)).data?.targets ?? []);
  const domain = targets.find((target) => CUSTOM_DOMAIN.test(target))?.replace(CUSTOM_DOMAIN, "");
  const address = domain
    ? `https://${domain}`
    : targets.find((target) => target.startsWith("https://"));
  return address ?? "an address that wrangler did not name (see above)";
}
