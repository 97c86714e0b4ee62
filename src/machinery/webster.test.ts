// The method's textbook example, Karmada's tie rules, and agreement with the plain procedure.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fnv32a } from "./hash.ts";
import { divideByWebster, type Share } from "./webster.ts";

function shares(votes: Record<string, number>): Share[] {
  return Object.entries(votes).map(([name, count]) => ({ name, votes: count, seats: 0 }));
}

function seatsOf(result: readonly Share[]): Record<string, number> {
  return Object.fromEntries(result.map(({ name, seats }) => [name, seats]));
}

test("divides the textbook election round by round", () => {
  const votes = { A: 100_000, B: 80_000, C: 30_000, D: 20_000 };
  const rounds = [
    [1, 0, 0, 0],
    [1, 1, 0, 0],
    [2, 1, 0, 0],
    [2, 1, 1, 0],
    [2, 2, 1, 0],
    [2, 2, 1, 1],
    [3, 2, 1, 1],
    [3, 3, 1, 1],
  ];
  rounds.forEach(([A, B, C, D], index) => {
    assert.deepEqual(seatsOf(divideByWebster(index + 1, shares(votes), undefined)), { A, B, C, D });
  });
});

test("weights 2:1:1 over 8 and 9 replicas", () => {
  const weights = shares({ member1: 2, member2: 1, member3: 1 });
  assert.deepEqual(seatsOf(divideByWebster(8, weights, undefined)), { member1: 4, member2: 2, member3: 2 });
  assert.deepEqual(seatsOf(divideByWebster(9, weights, undefined)), { member1: 5, member2: 2, member3: 2 });
});

test("the uid's hash decides which end of the alphabet wins a tie", () => {
  const even = ["a", "b", "c", "d"].find((uid) => fnv32a(uid) % 2 === 0);
  const odd = ["a", "b", "c", "d"].find((uid) => fnv32a(uid) % 2 === 1);
  const weights = shares({ m1: 1, m2: 1 });
  assert.deepEqual(seatsOf(divideByWebster(1, weights, even)), { m1: 1, m2: 0 });
  assert.deepEqual(seatsOf(divideByWebster(1, weights, odd)), { m1: 0, m2: 1 });
  assert.deepEqual(seatsOf(divideByWebster(1, weights, "")), { m1: 1, m2: 0 });
});

test("a huge number of seats takes no time", () => {
  const result = divideByWebster(2 ** 31 - 1, shares({ a: 3, b: 2, c: 1 }), undefined);
  assert.equal(
    result.reduce((sum, { seats }) => sum + seats, 0),
    2 ** 31 - 1,
  );
});

test("no party, no votes, no seats", () => {
  assert.deepEqual(divideByWebster(3, [], undefined), []);
  assert.deepEqual(seatsOf(divideByWebster(0, shares({ a: 1 }), undefined)), { a: 0 });
  assert.deepEqual(seatsOf(divideByWebster(3, shares({ a: 0, b: 0 }), undefined)), { a: 2, b: 1 });
});

const anyShares = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,3}$/), votes: fc.nat(1000), seats: fc.nat(50) }),
  { maxLength: 12, selector: ({ name }) => name },
);

test("gives what handing out seat by seat gives", () => {
  fc.assert(
    fc.property(fc.nat(500), anyShares, fc.string(), (newSeats, parties, uid) => {
      assert.deepEqual(divideByWebster(newSeats, parties, uid), seatBySeat(newSeats, parties, uid));
    }),
  );
});

function seatBySeat(newSeats: number, input: readonly Share[], uid: string): Share[] {
  const parties = input.map((party) => ({ ...party }));
  const sign = uid !== "" && fnv32a(uid) % 2 === 1 ? -1 : 1;
  for (let seat = 0; seat < newSeats; seat++) {
    const [next] = [...parties].sort(
      (left, right) =>
        right.votes / (2 * right.seats + 1) - left.votes / (2 * left.seats + 1) ||
        left.seats - right.seats ||
        (left.name < right.name ? -sign : sign),
    );
    if (next !== undefined) next.seats++;
  }
  return parties.sort((left, right) => (left.name < right.name ? -1 : 1));
}
