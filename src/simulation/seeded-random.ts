// Chance from a seed: the same seed gives the same numbers and ids (the generator sfc32).
import type { Random } from "#std/random.ts";

/** Rounds that mix the seed before the first number is used. */
const warmUpRounds = 12;

/** A Random whose whole course follows from `seed` and `stream`: each user of chance has a stream of its own. */
export function seededRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [0x9e3779b9, stream | 0, seed | 0, 1];
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < warmUpRounds; round++) uint32();
  const hex = (): string => uint32().toString(16).padStart(8, "0");
  return {
    uint32,
    uuid() {
      const [first, second, third, last] = [hex(), hex(), hex(), hex()];
      const variant = "89ab"[uint32() % 4] ?? "8";
      return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${last}`;
    },
  };
}

/** A uniform choice. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.uint32() % items.length];
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}
