import { createClient, type Simplane } from "../client";
import type { Notes } from "./output/notes";
import type { Output } from "./output/output";
import type { Settings } from "./settings";

/** Someone looks at the prompt: two waits of a second or less. */
const RETRIES = 2;
/** Something long should not be lost for a busy minute or two. */
const PATIENT_RETRIES = 8;

/** What a command works with. */
export interface Session {
  out: Output;
  notes: Notes;
  env: NodeJS.ProcessEnv;
  stdin: AsyncIterable<Uint8Array>;
  /** The API with the account's key; patient where it goes on for long. */
  api: (how?: Patience) => Simplane;
  /** The API with the operator's. */
  operator: (how?: Patience) => Simplane;
  /** From then on Ctrl-C does not end the program, but aborts this. */
  untilInterrupted: () => AbortSignal;
}

interface Patience {
  patient: boolean;
}

export type OpenSession = () => Session;

export function clients(settings: () => Settings): Pick<Session, "api" | "operator"> {
  const client = (key: string, patience?: Patience) =>
    createClient({
      baseUrl: settings().url,
      key,
      retries: patience?.patient ? PATIENT_RETRIES : RETRIES,
    });
  return {
    api: (patience) => client(settings().key(), patience),
    operator: (patience) => client(settings().operatorKey(), patience),
  };
}
