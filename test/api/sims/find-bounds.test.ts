import { expect, it } from "vitest";
import { phrasesOf } from "../../../src/api/sims/search";
import { givenAccount } from "../../support/given-account";

/** How often the index is walked for a phrase. */
const walksOf = (phrase: string) => Array.from(phrase).length - 2;

it.each(["0".repeat(100), "abc".repeat(33), `${"x".repeat(50)}y`, "8945730000".repeat(10)])(
  "the index of pieces is asked for few trigrams, each once: %s",
  (piece) => {
    const phrases = phrasesOf(piece);
    const walks = phrases.reduce((sum, phrase) => sum + walksOf(phrase), 0);
    expect(walks).toBeGreaterThan(0);
    expect(walks).toBeLessThanOrEqual(28);
    expect(new Set(phrases).size).toBe(phrases.length);
    for (const phrase of phrases) expect(piece).toContain(phrase);
  },
);

it.each(["8945730000", "drone", "8945730000192837", "\u{1f6f0}\u{1f6f0}\u{1f6f0}\u{1f6f0}"])(
  "a piece as people write it is looked for whole: %s",
  (piece) => expect(phrasesOf(piece)).toEqual([piece]),
);

it("a long piece, or one of the same character, finds what has all of it", async () => {
  const acme = await givenAccount();
  const long = `${"warehouse of the north ".repeat(4)}gate`;
  const labels = [
    long,
    long.replace("gate", "dock"),
    "0".repeat(60),
    "0".repeat(40),
    "7".repeat(9),
  ];
  const ids: string[] = [];
  for (const alias of labels) ids.push(await acme.givenSim({ alias }));
  const found = async (search: string) => {
    const { json } = await acme.call("GET", `/sims/find?search=${encodeURIComponent(search)}`);
    return json.map(({ id }: { id: string }): string => id);
  };
  expect(await found(long)).toEqual([ids[0]]);
  expect(await found(long.toUpperCase())).toEqual([ids[0]]);
  expect(await found(long.slice(0, 60))).toEqual([ids[0], ids[1]]);
  expect(await found("0".repeat(40))).toEqual([ids[2], ids[3]]);
  expect(await found("0".repeat(50))).toEqual([ids[2]]);
  expect(await found("0".repeat(61))).toEqual([]);
  expect(await found("7".repeat(8))).toEqual([ids[4]]);
});
