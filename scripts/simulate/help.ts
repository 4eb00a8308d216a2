import { MOST_SIMS } from "./devices";
import { SCENARIOS } from "./scenarios";

export const HELP = `npm run simulate -- [options]

A fleet of devices that lives for some hours; what its core network sees is reported to a running server.

  --sims N           devices, 1 to ${MOST_SIMS} (100)
  --hours N          hours that they live (24)
  --rate N|max       events a second that are reported at most (50)
  --speed N|max      how much faster than the clock their time goes at most; 1: as the clock (max)
  --scenario NAME    what happens (steady-day):
${Object.entries(SCENARIOS)
  .map(([name, { tells }]) => `                       ${name.padEnd(16)} ${tells}`)
  .join("\n")}
  --seed N           the same seed, sims, hours, start and scenario: the same events, byte for byte (drawn)
  --start TIME       when their first hour begins (as many hours ago)
  --url URL          the server (http://localhost:8787)
  --operator-key KEY the operator's key (OPERATOR_KEY, or what npm start left in .dev.vars)
  --account ID       the account that the SIMs belong to (a new one)
  --print            prints the events, one a line, and reports nothing
`;
