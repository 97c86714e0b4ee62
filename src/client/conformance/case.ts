// What the cases of the client's conformance suite are made of.
import assert from "node:assert/strict";
import { Namespace } from "#api/kinds.ts";
import { systemClock } from "#std/time.ts";
import type { Client, Transport } from "../client.ts";
import { createClient } from "../rest-client.ts";

/** A server with an admission plugin that labels what is labelled `admit: me` with `admitted: yes` and refuses `admit: no`. */
export interface ClientUnderTest {
  /** Of a member of `system:masters`. */
  readonly admin: Transport;
  /** Of `alice` in the group `devs`, whom no role has been given. */
  readonly alice: Transport;
  /** Forgets the history up to now. */
  readonly compact: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const waitMilliseconds = 5_000;

export interface ClientCase {
  /** A sentence about the client. */
  readonly name: string;
  readonly run: (context: Context) => Promise<void>;
}

/** The server that the cases share, each in a namespace of its own. */
export class Context {
  #server: ClientUnderTest | undefined;
  #admin: Client | undefined;
  #alice: Client | undefined;
  #namespaces = 0;

  get server(): ClientUnderTest {
    assert.ok(this.#server);
    return this.#server;
  }

  get admin(): Client {
    assert.ok(this.#admin);
    return this.#admin;
  }

  get alice(): Client {
    assert.ok(this.#alice);
    return this.#alice;
  }

  async open(open: () => Promise<ClientUnderTest>): Promise<void> {
    this.#server = await open();
    this.#admin = createClient(this.#server.admin, { userAgent: "conformance/1", clock: systemClock });
    this.#alice = createClient(this.#server.alice, { userAgent: "conformance/1", clock: systemClock });
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.close(), this.alice.close()]);
    await this.server.close();
  }

  /** A namespace that no other test knows. */
  async namespace(): Promise<string> {
    const name = `test-${++this.#namespaces}`;
    await this.admin.create(Namespace, { metadata: { name }, spec: {}, status: {} });
    return name;
  }
}

export function timeLimit(): AbortSignal {
  const controller = new AbortController();
  systemClock.timer(waitMilliseconds, () => {
    controller.abort(new Error("timed out"));
  });
  return controller.signal;
}

/** Tries `check` until it throws nothing. */
export async function eventually(check: () => Promise<void> | void): Promise<void> {
  const deadline = systemClock.monotonic() + waitMilliseconds;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (systemClock.monotonic() > deadline) throw error;
      await systemClock.sleep(2);
    }
  }
}
