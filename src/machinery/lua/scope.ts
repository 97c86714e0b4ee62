// Which name means what while a script is parsed: the locals of each block, and what functions take from those around them.
import type { Expression, Local, Upvalue } from "./syntax.ts";

interface Labels {
  readonly known: Set<string>;
  readonly wanted: { readonly label: string; readonly line: number }[];
}

/** As in Lua 5.1. */
const localsMax = 200;
const upvaluesMax = 60;

/** The names of one function. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly isVararg: boolean;
  readonly upvalues: Upvalue[] = [];
  /** How many loops a `break` could leave. */
  loops = 0;
  saysVararg = false;
  readonly #active: Local[] = [];
  readonly #labels: Labels[] = [];

  constructor(parent: Scope | undefined, isVararg: boolean) {
    this.parent = parent;
    this.isVararg = isVararg;
  }

  /** A local, seen from here to the end of the block. Undefined when there are too many. */
  declare(name: string): Local | undefined {
    const slot = this.#active.length;
    if (slot >= localsMax) return undefined;
    const local: Local = { name, slot, isCaptured: false };
    this.#active.push(local);
    return local;
  }

  openBlock(): number {
    this.#labels.push({ known: new Set(), wanted: [] });
    return this.#active.length;
  }

  /** Forgets the locals of the block. A goto to a label that no block around it has is an error: the first one is given. */
  closeBlock(start: number): { readonly label: string; readonly line: number } | undefined {
    this.#active.length = start;
    const closed = this.#labels.pop();
    const open = (closed?.wanted ?? []).filter(({ label }) => closed?.known.has(label) !== true);
    const outer = this.#labels.at(-1);
    if (outer === undefined) return open[0];
    outer.wanted.push(...open);
    return undefined;
  }

  /** Whether the block has no such label yet. */
  addLabel(label: string): boolean {
    const block = this.#labels.at(-1);
    if (block?.known.has(label) === true) return false;
    block?.known.add(label);
    return true;
  }

  wantLabel(label: string, line: number): void {
    this.#labels.at(-1)?.wanted.push({ label, line });
  }

  /** What a name means here. Undefined when there are too many upvalues. */
  resolve(name: string, line: number): Extract<Expression, { kind: "local" | "upvalue" | "global" }> | undefined {
    const local = this.#active.findLast((each) => each.name === name);
    if (local !== undefined) return { kind: "local", local };
    const index = this.#upvalue(name);
    if (index === undefined) return { kind: "global", name, line };
    return index >= upvaluesMax ? undefined : { kind: "upvalue", index, name };
  }

  #upvalue(name: string): number | undefined {
    const known = this.upvalues.findIndex((each) => each.name === name);
    if (known >= 0) return known;
    const { parent } = this;
    if (parent === undefined) return undefined;
    const local = parent.#active.findLast((each) => each.name === name);
    if (local !== undefined) {
      local.isCaptured = true;
      return this.upvalues.push({ name, from: "local", index: local.slot }) - 1;
    }
    const index = parent.#upvalue(name);
    return index === undefined ? undefined : this.upvalues.push({ name, from: "upvalue", index }) - 1;
  }
}
