// The port for chance and ids. Only this file touches the machine's entropy; the simulation hands out a seeded one.
import { randomFillSync, randomUUID } from "node:crypto";

/** A source of chance. */
export interface Random {
  /** A uniform unsigned 32-bit integer. */
  uint32(): number;
  /** A version 4 UUID in lower case. */
  uuid(): string;
}

/** The machine's own entropy. */
export function systemRandom(): Random {
  const buffer = new Uint32Array(256);
  let next = buffer.length;
  return {
    uint32() {
      if (next === buffer.length) {
        randomFillSync(buffer);
        next = 0;
      }
      return buffer[next++] ?? 0;
    },
    uuid: () => randomUUID(),
  };
}

/** A uniform number in [0, 1). */
export function randomFraction(random: Random): number {
  return random.uint32() / 2 ** 32;
}

const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** `length` characters of Kubernetes' suffix alphabet (k8s.io/apimachinery/pkg/util/rand: no vowels, no look-alikes). */
export function randomSuffix(random: Random, length = 5): string {
  let text = "";
  for (let index = 0; index < length; index++) {
    text += suffixAlphabet[random.uint32() % suffixAlphabet.length] ?? "";
  }
  return text;
}
