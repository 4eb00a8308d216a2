import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Chance that a seed decides: the same seed, the same choices in the same order. */
export interface Random {
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of a list, as often as its weight says. */
  weighted<T extends { weight: number }>(list: readonly T[]): T;
}

const FINE = 1_000_000;

/** The chance of one device (`index`) of a fleet: its own, so that its life does not depend on how many others there are. */
export function randomOf(seed: number, index: number): Random {
  const generator = xoroshiro128plus(mixed(seed, index));
  const between = (least: number, most: number) =>
    uniformInt(generator, Math.round(least), Math.round(most));
  const share = () => between(0, FINE - 1) / FINE;
  return {
    between,
    chance: (likely) => share() < likely,
    pick: (list) => known(list[between(0, list.length - 1)]),
    weighted(list) {
      let left = share() * list.reduce((sum, { weight }) => sum + weight, 0);
      return known(list.find(({ weight }) => (left -= weight) < 0) ?? list.at(-1));
    },
  };
}

/** 32 bits in which neighbouring seeds and indices are far apart (the finalizer of MurmurHash3). */
export function mixed(seed: number, index: number): number {
  let bits = seed ^ Math.imul(index + 1, 0x9e3779b9);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A UUID of version 4. */
export function uuidOf(random: Random): string {
  const hex = (digits: number) =>
    random
      .between(0, 16 ** digits - 1)
      .toString(16)
      .padStart(digits, "0");
  const variant = random.pick(["8", "9", "a", "b"]);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(8)}${hex(4)}`;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("There is nothing to choose from.");
  return value;
}
