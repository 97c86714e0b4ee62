// What befalls a simulated world: each fault strikes one part, most for a while.
import type { LinkState } from "./network.ts";
import { type ComponentName, componentNames } from "./parts.ts";
import type { FaultKind, Step } from "./plan.ts";
import type { DiskBackup } from "./simulated-disk.ts";
import type { World } from "./world.ts";

/** Strikes as a plan says. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #world: World;
  /** By part: it has one fault at a time. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #backups: ReadonlyMap<string, DiskBackup>;

  /** To be made before anything has happened: old backups are from then. */
  constructor(world: World) {
    this.#world = world;
    this.#backups = new Map(world.members.map((name) => [name, world.server(name).disk.backup()]));
  }

  /** Lets a fault begin. */
  strike(step: Step & { readonly kind: FaultKind }): void {
    this.counts[step.kind] = (this.counts[step.kind] ?? 0) + 1;
    const over = (this.#underWay.get(step.on) ?? Promise.resolve()).then(() => this.#last(step));
    this.#underWay.set(step.on, over);
  }

  /** Waits until all faults are over. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #last({ kind, on, milliseconds = 0 }: Step & { readonly kind: FaultKind }): Promise<void> {
    const world = this.#world;
    const pause = (): Promise<void> => world.clock.sleep(milliseconds);
    switch (kind) {
      case "slow":
      case "lossy":
      case "partitioned":
      case "half-open":
        return this.#lastOnLinks(kind, on, milliseconds);
      case "cut-watches":
        world.cutLinks(on);
        return;
      case "compaction":
        world.note(`compact ${on}`);
        await world.server(on).compact();
        return;
      case "restore-backup":
        await this.#restore(on);
        return;
      case "disk-full":
        world.note(`disk of ${on} full`);
        world.server(on).disk.isFull = true;
        await pause();
        world.note(`disk of ${on} has room`);
        world.server(on).disk.isFull = false;
        return;
      case "server-crash":
        world.crashServer(on);
        await pause();
        await world.restartServer(on);
        return;
      case "component-crash":
      case "component-pause":
      case "clock-jump":
        return this.#lastOnComponent(kind, componentOf(on), milliseconds);
    }
  }

  async #lastOnLinks(state: LinkState, server: string, milliseconds: number): Promise<void> {
    this.#world.setLinks(server, state);
    await this.#world.clock.sleep(milliseconds);
    this.#world.setLinks(server, "up");
  }

  async #lastOnComponent(kind: FaultKind, component: ComponentName, milliseconds: number): Promise<void> {
    const world = this.#world;
    if (kind === "clock-jump") {
      world.jumpClock(component, milliseconds);
      return;
    }
    if (kind === "component-crash") world.crashComponent(component);
    else world.pauseComponent(component);
    await world.clock.sleep(milliseconds);
    if (kind === "component-crash") world.startComponent(component);
    else world.resumeComponent(component);
  }

  /** The member is as it was at the beginning: everything that Karmada has put into it is gone, and revisions go back. */
  async #restore(member: string): Promise<void> {
    const backup = this.#backups.get(member);
    if (backup !== undefined) await this.#world.restoreServer(member, backup);
  }
}

function componentOf(name: string): ComponentName {
  const component = componentNames.find((each) => each === name);
  if (component === undefined) throw new Error(`there is no component ${name}: there are ${componentNames.join(", ")}`);
  return component;
}
