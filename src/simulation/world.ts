// A whole Karmada in one process on virtual time: API servers on simulated disks, controllers and scheduler behind a
// simulated network. One seed decides everything that chance decides. Users, faults and checkers stand on this interface.
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import type { ApiRequest, RequestHandler } from "#machinery/http.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { silentLogger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import { CheckerWatch } from "./checker-watch.ts";
import type { MakeChecker } from "./checkers/checker.ts";
import { ComponentClock } from "./component-clock.ts";
import { startComponent } from "./components.ts";
import { simulatedJobs } from "./member-jobs.ts";
import { simulatedWorkloads } from "./member-workloads.ts";
import { Mirror } from "./mirror.ts";
import type { LinkEnds, Mutant } from "./mutants/mutant.ts";
import { Link, type LinkState } from "./network.ts";
import { type ComponentName, componentNames, controlPlane } from "./parts.ts";
import type { OperationKind, Step } from "./plan.ts";
import type { PreparedState } from "./prepared-state.ts";
import { seededRandom } from "./seeded-random.ts";
import { type CommittedChange, SimulatedServer } from "./server.ts";
import type { DiskBackup } from "./simulated-disk.ts";
import { Trace } from "./trace.ts";
import { VirtualClock } from "./virtual-clock.ts";

const admin = { name: "admin", groups: ["system:masters"] };
/** When a process that has ended by itself is started again. */
const restartMilliseconds = 1_000;
export interface WorldOptions {
  readonly seed: number;
  readonly prepared: PreparedState;
  readonly failover: boolean;
  readonly skews: Readonly<Record<string, number>>;
  readonly checkers: readonly MakeChecker[];
  readonly mutant?: Mutant | undefined;
  /** A turn of the real event loop. */
  readonly turn: () => Promise<void>;
  /** Is given every line of the trace. */
  readonly print?: ((line: string) => void) | undefined;
}

interface Component {
  readonly identity: string;
  readonly clock: ComponentClock;
  readonly links: Map<string, Link>;
  readonly end: AbortController;
  manager: Manager | undefined;
}

/** The controllers of a member that stand beside its server. */
interface Workloads {
  readonly link: Link;
  readonly manager: Manager;
  readonly end: AbortController;
}

/** What users and faults do things to, and what checkers look at. */
export class World {
  readonly clock: VirtualClock;
  readonly mirror = new Mirror();
  readonly trace: Trace;
  readonly members: readonly string[];
  /** The checkers, and what they found. */
  readonly watch: CheckerWatch;
  readonly #options: WorldOptions;
  readonly #servers = new Map<string, SimulatedServer>();
  readonly #components = new Map<ComponentName, Component>();
  readonly #auditorLinks = new Map<string, Link>();
  /** What runs in the members themselves: no fault of the network strikes it. */
  readonly #workloads = new Map<string, Workloads>();
  readonly #end = new AbortController();
  readonly #networkRandom: Random;
  #failover: boolean;
  #starts = 0;

  constructor(options: WorldOptions) {
    const { seed, prepared, turn, print, failover } = options;
    this.#options = options;
    this.clock = new VirtualClock({ random: seededRandom(seed, 1), turn });
    this.#networkRandom = seededRandom(seed, 3);
    this.#failover = failover;
    this.trace = new Trace(print);
    this.members = prepared.members;
    for (const name of [controlPlane, ...prepared.members]) {
      this.#servers.set(name, this.#makeServer(name));
      this.mirror.reset(name, prepared.records.get(name) ?? []);
      this.#auditorLinks.set(name, this.#link({ component: "auditor", identity: "auditor", server: name }, this.clock));
    }
    this.watch = new CheckerWatch(options.checkers, {
      ...{ controlPlane, members: this.members, mirror: this.mirror },
      now: () => this.now(),
      queueDepths: () => this.#queueDepths(),
    });
  }

  /** Ends with the world. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Starts everything. To be run by `run`. */
  async start(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.start()));
    for (const name of componentNames) this.startComponent(name);
    for (const member of this.members) this.#startWorkloads(member);
  }

  /** Lets time go on until `work` is done, which must be within `milliseconds`; fails as soon as an invariant is broken. */
  run<T>(work: () => Promise<T>, milliseconds: number): Promise<T> {
    return this.clock.run(Promise.race([work(), this.watch.broken]), milliseconds);
  }

  /** An administrator beside the server: no network lies between. For users of the world. */
  client(server: string = controlPlane): Client {
    const handler: RequestHandler = async (request: ApiRequest) => {
      const running = this.server(server).handler;
      if (running === undefined) throw new Error("connection refused");
      return await running(request);
    };
    return createClient(inProcessTransport(handler, admin));
  }

  /** One who only looks, over a network that faults strike as they strike others'. */
  auditor(server: string): Client {
    const link = this.#auditorLinks.get(server);
    if (link === undefined) throw new Error(`there is no server ${server}`);
    return createClient(link.transport());
  }

  server(name: string): SimulatedServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`there is no server ${name}`);
    return server;
  }

  now(): number {
    return this.clock.monotonic();
  }

  note(what: string): void {
    this.trace.add(this.clock.monotonic(), what);
  }

  /** The user has done something. */
  acted(step: Step & { readonly kind: OperationKind }, outcome: "done" | "refused" | "unanswered"): void {
    if (outcome === "done") this.note(`user ${step.kind} ${step.on} ${step.value ?? ""}: done`);
    this.watch.ask((checker) => checker.acted?.({ step, outcome }));
  }

  /** Sets how the links to a server treat what is sent. */
  setLinks(server: string, state: LinkState): void {
    this.note(`links to ${server} ${state}`);
    for (const link of this.#linksTo(server)) link.state = state;
  }

  /** Ends all connections to a server. */
  cutLinks(server: string): void {
    this.note(`cut ${server}`);
    for (const link of this.#linksTo(server)) link.reset();
  }

  /** A server is gone, and what it had not made durable with it. */
  crashServer(name: string): void {
    this.note(`crash ${name}`);
    this.server(name).crash();
    for (const link of this.#linksTo(name)) link.reset();
    this.#workloads.get(name)?.link.reset();
  }

  async restartServer(name: string): Promise<void> {
    this.note(`restart ${name}`);
    await this.server(name).start();
  }

  /**
   * A server is stopped, everything it has is as it was at the backup, and it is started again; what runs beside it
   * begins anew, as whoever restores a cluster is told to see to: revisions that it knows are given out a second time.
   */
  async restoreServer(name: string, backup: DiskBackup): Promise<void> {
    this.crashServer(name);
    this.note(`restore ${name}`);
    const { disk } = this.server(name);
    disk.restore(backup);
    this.mirror.reset(name, disk.records());
    this.watch.ask((checker) => checker.restored?.(name));
    await this.server(name).start();
    const workloads = this.#workloads.get(name);
    if (workloads === undefined) return;
    workloads.end.abort(new Error("the member is restored"));
    this.#startWorkloads(name);
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
    component.clock.end();
  }

  startComponent(name: ComponentName): void {
    if (this.#components.has(name)) return;
    const { mutant = {} } = this.#options;
    const identity = `${name}-${++this.#starts}`;
    this.note(`start ${identity}`);
    const clock = new ComponentClock(this.clock, this.#options.skews[name]);
    const component: Component = { identity, clock, links: new Map(), end: new AbortController(), manager: undefined };
    for (const server of this.#servers.keys()) {
      component.links.set(server, this.#link({ component: name, identity, server }, clock));
    }
    this.#components.set(name, component);
    const transport = (server: string) => {
      const link = linkOf(component, server).transport();
      return mutant.transport?.(link, { component: name, server }, clock) ?? link;
    };
    const client = createClient(transport(controlPlane));
    const manager = startComponent({
      ...{ name, identity, clock, random: this.#networkRandom, signal: component.end.signal },
      ...{ client: mutant.client?.(client) ?? client, mutant, connect: transport, failover: this.#failover },
    });
    component.manager = manager;
    void this.#restartWhenEnded(name, component, manager);
  }

  /** Changes what a component takes for the time. */
  jumpClock(name: ComponentName, milliseconds: number): void {
    this.note(`clock of ${name} jumps by ${milliseconds}`);
    const component = this.#components.get(name);
    if (component !== undefined) component.clock.skew += milliseconds;
  }

  pauseComponent(name: ComponentName): void {
    this.note(`pause ${name}`);
    this.#components.get(name)?.clock.pause();
  }

  resumeComponent(name: ComponentName): void {
    this.note(`resume ${name}`);
    this.#components.get(name)?.clock.resume();
  }

  /** The gate is a flag: who changes it starts the processes anew. */
  setFailover(isOn: boolean): void {
    if (this.#failover === isOn) return;
    this.#failover = isOn;
    for (const name of ["controller-manager-a", "controller-manager-b"] as const) {
      if (!this.#components.has(name)) continue;
      this.crashComponent(name);
      this.startComponent(name);
    }
  }

  /** Ends everything in order. To be run by `run`. */
  async close(): Promise<void> {
    const reason = new Error("the simulation is over");
    this.#end.abort(reason);
    for (const { end, clock } of this.#components.values()) {
      clock.resume();
      end.abort(reason);
    }
    for (const { manager } of this.#components.values()) await manager?.stopped;
    for (const { end, manager } of this.#workloads.values()) {
      end.abort(reason);
      await manager.stopped;
    }
    for (const server of this.#servers.values()) await server.close();
  }

  #queueDepths(): ReadonlyMap<string, number> {
    const depths = new Map<string, number>();
    for (const [component, { manager }] of this.#components) {
      for (const { name, depth } of manager?.figures() ?? []) depths.set(`${component}/${name}`, depth);
    }
    return depths;
  }

  *#linksTo(server: string): Generator<Link, undefined> {
    for (const { links } of this.#components.values()) {
      const link = links.get(server);
      if (link !== undefined) yield link;
    }
    const auditor = this.#auditorLinks.get(server);
    if (auditor !== undefined) yield auditor;
    return undefined;
  }

  /** A process that has lost its Lease ends, as upstream; whoever runs it starts it again. */
  async #restartWhenEnded(name: ComponentName, component: Component, manager: Manager): Promise<void> {
    await manager.stopped;
    if (this.#components.get(name) !== component || this.#end.signal.aborted) return;
    this.crashComponent(name);
    this.clock.timer(restartMilliseconds, () => {
      if (!this.#end.signal.aborted) this.startComponent(name);
    });
  }

  #startWorkloads(member: string): void {
    const end = new AbortController();
    const { signal } = end;
    const parts = { clock: this.clock, random: seededRandom(this.#options.seed, 300), log: silentLogger, signal };
    const link = this.#link({ component: "workloads", identity: "workloads", server: member }, this.clock);
    const client = createClient(link.transport());
    const informers = createInformerFactory({ client, ...parts });
    const manager = startManager({ client, informers, controllers: [simulatedWorkloads(), simulatedJobs()], ...parts });
    this.#workloads.set(member, { link, manager, end });
  }

  #makeServer(name: string): SimulatedServer {
    const { seed, prepared, skews, mutant } = this.#options;
    const isControlPlane = name === controlPlane;
    const { clock } = this;
    const ownClock = new ComponentClock(clock, skews[name]);
    const stream = 100 + this.#servers.size;
    return new SimulatedServer({
      ...{ name, clock, ownClock, random: seededRandom(seed, stream), signingKey: prepared.signingKey },
      admission: isControlPlane ? karmadaAdmission({ random: seededRandom(seed, 4), clock: ownClock }) : [],
      records: prepared.records.get(name) ?? [],
      ...(mutant?.storage === undefined ? {} : { mutant: mutant.storage }),
      onCommit: (server, changes) => {
        for (const change of changes) this.#observe(server, change);
      },
    });
  }

  #observe(server: string, change: CommittedChange): void {
    this.note(`${server} ${change.type} ${change.key} @${change.revision} ${change.value.byteLength}`);
    const observed = this.mirror.apply(server, change);
    this.watch.ask((checker) => checker.committed?.(observed));
  }

  #link(
    { component, identity, server }: LinkEnds & { readonly identity: string },
    ownClock: ComponentClock | VirtualClock,
  ): Link {
    return new Link({
      clock: this.clock,
      ownClock,
      random: this.#networkRandom,
      name: `${component}>${server}`,
      user: { name: `system:${component}`, groups: admin.groups },
      server: () => this.server(server).handler,
      onRequest: (method, path) => {
        this.watch.ask((checker) => checker.requested?.({ component, identity, server, method, path }));
      },
      onEvent: (what) => {
        this.note(what);
      },
    });
  }
}

function linkOf({ links }: Component, server: string): Link {
  const link = links.get(server);
  if (link === undefined) throw new Error(`there is no server ${server}`);
  return link;
}
