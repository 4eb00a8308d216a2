import { env } from "cloudflare:workers";

type Run = (statements: D1PreparedStatement[]) => Promise<D1Result[]>;

/** What a session is about to do: the statements, and the text of all that was prepared since its last batch. */
export interface Batch {
  statements: D1PreparedStatement[];
  text: string;
}

/** The database, whose sessions' batches are what `around` makes of them. */
export function throughD1(around: (batch: Batch, run: Run) => Promise<D1Result[]>): D1Database {
  return new Proxy(env.DB, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "withSession") return member.bind(target);
      return (start: string) => {
        const session = target.withSession(start);
        const [prepare, run] = [session.prepare.bind(session), session.batch.bind(session)];
        let text = "";
        return Object.assign(session, {
          prepare(query: string) {
            text += `${query};`;
            return prepare(query);
          },
          batch(statements: D1PreparedStatement[]) {
            const batch = { statements, text };
            text = "";
            return around(batch, run);
          },
        });
      };
    },
  });
}
