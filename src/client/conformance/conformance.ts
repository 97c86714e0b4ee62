// What a Client must do, whatever carries its requests. Run over the in-process transport and over TLS: who uses a client
// cannot tell which one it has. Not used outside tests.
import { after, before, describe, test } from "node:test";
import { type ClientUnderTest, Context } from "./case.ts";
import { objectCases } from "./objects.ts";
import { streamCases } from "./streams.ts";

const caseMillisecondsMax = 30_000;

/** Registers the suite's tests, all on the one server that `open` starts. */
export function clientConformance(name: string, open: () => Promise<ClientUnderTest>): void {
  void describe(`client over ${name}`, () => {
    const context = new Context();
    before(async () => {
      await context.open(open);
    });
    after(() => context.close());
    for (const each of [...objectCases, ...streamCases]) {
      void test(each.name, { timeout: caseMillisecondsMax }, () => each.run(context));
    }
  });
}
