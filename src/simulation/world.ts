// A whole Karmada in one process on virtual time: API servers on simulated disks, controllers and scheduler behind a
// simulated network. One seed decides everything that chance decides. Workloads and checkers are built on this interface.
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { karmadaControllers } from "#controllers/all.ts";
import { createInterpreter } from "#interpreter/interpreter.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import { namespaceController } from "#kubecontrollers/namespace/controller.ts";
import type { ApiRequest, RequestHandler } from "#machinery/http.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { scheduler } from "#scheduler/controller.ts";
import { silentLogger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import { Link, type LinkState } from "./network.ts";
import { seededRandom } from "./seeded-random.ts";
import { type CommittedChange, SimulatedServer } from "./server.ts";
import type { PreparedState } from "./prepared-state.ts";
import { Trace } from "./trace.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** The parts of the control plane that can crash, beside the servers. */
export const componentNames = ["controller-manager", "scheduler", "kube-controller-manager"] as const;
export type ComponentName = (typeof componentNames)[number];

export const controlPlane = "karmada";
const admin = { name: "admin", groups: ["system:masters"] };

export interface WorldOptions {
  readonly seed: number;
  readonly prepared: PreparedState;
  /** A turn of the real event loop. */
  readonly turn: () => Promise<void>;
  /** Is given every line of the trace. */
  readonly print?: (line: string) => void;
}

interface Component {
  readonly links: Map<string, Link>;
  end: AbortController;
  manager: Manager | undefined;
}

/** What a workload does things to, and what checkers look at. */
export class World {
  readonly seed: number;
  readonly clock: VirtualClock;
  /** Chance for who acts on the world; the world's own has other streams. */
  readonly random: Random;
  readonly trace: Trace;
  readonly members: readonly string[];
  readonly #options: WorldOptions;
  readonly #servers = new Map<string, SimulatedServer>();
  readonly #components = new Map<ComponentName, Component>();
  readonly #observers: ((server: string, changes: readonly CommittedChange[]) => void)[] = [];
  readonly #networkRandom: Random;

  constructor(options: WorldOptions) {
    const { seed, prepared, turn, print } = options;
    this.#options = options;
    this.seed = seed;
    this.clock = new VirtualClock({ random: seededRandom(seed, 1), turn });
    this.random = seededRandom(seed, 2);
    this.#networkRandom = seededRandom(seed, 3);
    this.trace = new Trace(print);
    this.members = prepared.members;
    for (const name of [controlPlane, ...prepared.members]) this.#servers.set(name, this.#makeServer(name));
  }

  /** Starts everything. To be run by `run`. */
  async start(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.start()));
    for (const name of componentNames) this.startComponent(name);
  }

  /** Lets time go on until `work` is done, which must be within `milliseconds`. */
  run<T>(work: () => Promise<T>, milliseconds: number): Promise<T> {
    return this.clock.run(work(), milliseconds);
  }

  /** An administrator beside the server: no network lies between. For users of the world, and for checkers. */
  client(server: string = controlPlane): Client {
    const handler: RequestHandler = async (request: ApiRequest) => {
      const running = this.server(server).handler;
      if (running === undefined) throw new Error("connection refused");
      return await running(request);
    };
    return createClient(inProcessTransport(handler, admin));
  }

  server(name: string): SimulatedServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`there is no server ${name}`);
    return server;
  }

  /** Calls `observe` with every change as it becomes durable, on any server. */
  onCommit(observe: (server: string, changes: readonly CommittedChange[]) => void): void {
    this.#observers.push(observe);
  }

  /** The keys that wait to be worked on, of all controllers. */
  queued(): number {
    let sum = 0;
    for (const { manager } of this.#components.values()) {
      for (const depth of Object.values(manager?.queueDepths() ?? {})) sum += depth;
    }
    return sum;
  }

  note(what: string): void {
    this.trace.add(this.clock.monotonic(), what);
  }

  /** Sets how the links to a server treat what is sent. */
  setLinks(server: string, state: LinkState): void {
    this.note(`links to ${server} ${state}`);
    for (const { links } of this.#components.values()) {
      const link = links.get(server);
      if (link !== undefined) link.state = state;
    }
  }

  /** A server is gone, and what it had not made durable with it. */
  crashServer(name: string): void {
    this.note(`crash ${name}`);
    this.server(name).crash();
    for (const { links } of this.#components.values()) links.get(name)?.reset();
  }

  async restartServer(name: string): Promise<void> {
    this.note(`restart ${name}`);
    await this.server(name).start();
  }

  /** A component is gone: nothing it still does reaches anyone. */
  crashComponent(name: ComponentName): void {
    const component = this.#components.get(name);
    if (component === undefined) return;
    this.note(`crash ${name}`);
    this.#components.delete(name);
    for (const link of component.links.values()) {
      link.state = "partitioned";
      link.reset();
    }
    component.end.abort(new Error("the component has crashed"));
  }

  startComponent(name: ComponentName): void {
    if (this.#components.has(name)) return;
    this.note(`start ${name}`);
    const component: Component = { links: new Map(), end: new AbortController(), manager: undefined };
    for (const server of this.#servers.keys()) component.links.set(server, this.#link(name, server));
    this.#components.set(name, component);
    component.manager = this.#manage(name, component);
  }

  /** Ends everything in order. To be run by `run`. */
  async close(): Promise<void> {
    for (const { end } of this.#components.values()) end.abort(new Error("the simulation is over"));
    for (const { manager } of this.#components.values()) await manager?.stopped;
    for (const server of this.#servers.values()) await server.close();
  }

  #makeServer(name: string): SimulatedServer {
    const { seed, prepared } = this.#options;
    const isControlPlane = name === controlPlane;
    const { clock } = this;
    const stream = 100 + this.#servers.size;
    return new SimulatedServer({
      name,
      clock,
      random: seededRandom(seed, stream),
      signingKey: prepared.signingKey,
      admission: isControlPlane ? karmadaAdmission({ random: seededRandom(seed, 4), clock }) : [],
      records: prepared.records.get(name) ?? [],
      onCommit: (server, changes) => {
        for (const { type, key, revision, value } of changes) {
          this.note(`${server} ${type} ${key} @${revision} ${value.byteLength}`);
        }
        for (const observe of this.#observers) observe(server, changes);
      },
    });
  }

  #link(component: string, server: string): Link {
    return new Link({
      clock: this.clock,
      random: this.#networkRandom,
      name: `${component}>${server}`,
      user: { name: `system:${component}`, groups: admin.groups },
      server: () => this.server(server).handler,
      onEvent: (what) => {
        this.note(what);
      },
    });
  }

  #manage(name: ComponentName, component: Component): Manager {
    const { clock } = this;
    const random = this.#networkRandom;
    const { signal } = component.end;
    const log = silentLogger;
    const client = createClient(linkOf(component, controlPlane).transport());
    const informers = createInformerFactory({ client, clock, random, log, signal });
    const controllers = (): readonly Controller[] => {
      if (name === "scheduler") return [scheduler()];
      if (name === "kube-controller-manager") return [garbageCollector(), namespaceController()];
      return karmadaControllers({
        ...{ client, informers, clock, random, log, signal, interpreter: createInterpreter({ clock }) },
        connect: ({ cluster }) => linkOf(component, cluster).transport(),
      });
    };
    return startManager({ client, informers, controllers: controllers(), clock, random, log, signal });
  }
}

function linkOf({ links }: Component, server: string): Link {
  const link = links.get(server);
  if (link === undefined) throw new Error(`there is no server ${server}`);
  return link;
}
