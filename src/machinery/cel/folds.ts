// The loops of CEL. Upstream: google/cel-go parser/macro.go and ext/comprehensions.go, whose expansions these follow.
import { invariant } from "#std/invariant.ts";
import { type Code, type Frame, type Places, truthOf } from "./evaluate.ts";
import type { Expr } from "./expression.ts";
import { ArrayList, CelError, CelList, CelMap, type CelValue, EntryMap } from "./value.ts";

/** One turn of a loop; false ends it. */
type Turn = (key: CelValue, item: CelValue, frame: Frame) => boolean;

interface Loop {
  readonly filter: Code | undefined;
  readonly body: Code;
  /** Goes over the range, with the variables set before each turn; whether it came to the end. */
  readonly over: (frame: Frame, turn: Turn) => boolean;
}

/** The closure of a loop; `compile` makes those of its parts. */
export function compileFold(
  expr: Expr & { kind: "fold" },
  places: Places,
  compile: (inner: Expr, places?: Places) => Code,
): Code {
  const [first, second] = expr.variables;
  invariant(first !== undefined, "a loop has a variable");
  const range = compile(expr.range);
  const place = places.next;
  const inner = second === undefined ? places.with(first) : places.with(first).with(second);
  const loop: Loop = {
    filter: expr.filter === undefined ? undefined : compile(expr.filter, inner),
    body: expr.body === undefined ? () => null : compile(expr.body, inner),
    over: (frame, turn) =>
      goOver(range(frame), frame, (key, item, isMap) => {
        frame.budget.charge(1);
        if (second === undefined) frame.slots[place] = isMap ? key : item;
        else {
          frame.slots[place] = key;
          frame.slots[place + 1] = item;
        }
        return turn(key, second === undefined && isMap ? key : item, frame);
      }),
  };
  return codeOf(expr.fold, loop);
}

function codeOf(fold: (Expr & { kind: "fold" })["fold"], loop: Loop): Code {
  switch (fold) {
    case "all":
      return quantifier(loop, false);
    case "exists":
      return quantifier(loop, true);
    case "existsOne":
      return existsOne(loop);
    case "filter":
      return collecting(loop, (item) => item);
    case "map":
    case "transformList":
      return collecting(loop, (_item, frame) => loop.body(frame));
    case "transformMap":
      return transforming(loop, (map, key, frame) => {
        map.add(key, loop.body(frame));
      });
    case "transformMapEntry":
      return transforming(loop, (map, _key, frame) => {
        const entries = loop.body(frame);
        if (!(entries instanceof CelMap)) throw new CelError("no such overload");
        for (const key of entries.keys()) map.add(key, entries.get(key) ?? null);
      });
  }
}

function goOver(
  range: CelValue,
  frame: Frame,
  turn: (key: CelValue, item: CelValue, isMap: boolean) => boolean,
): boolean {
  if (range instanceof CelList) {
    for (let index = 0; index < range.size; index++) if (!turn(BigInt(index), range.at(index), false)) return false;
    return true;
  }
  if (!(range instanceof CelMap)) throw new CelError("no such overload");
  const keys = range.keys();
  frame.budget.charge(keys.length / 10);
  return keys.every((key) => turn(key, range.get(key) ?? null, true));
}

/** `exists` is decided by true, `all` by false; errors count only if nothing decides. */
function quantifier(loop: Loop, deciding: boolean): Code {
  return (frame) => {
    let failure: CelError | undefined;
    const ended = loop.over(frame, () => {
      const truth = truthOf(loop.body, frame);
      if (truth instanceof CelError) failure ??= truth;
      return truth !== deciding;
    });
    if (!ended) return deciding;
    if (failure !== undefined) throw failure;
    return !deciding;
  };
}

function holds(code: Code | undefined, frame: Frame): boolean {
  if (code === undefined) return true;
  const value = code(frame);
  if (typeof value !== "boolean") throw new CelError("no such overload");
  return value;
}

function existsOne(loop: Loop): Code {
  return (frame) => {
    let count = 0;
    loop.over(frame, () => {
      if (holds(loop.body, frame)) count += 1;
      return true;
    });
    return count === 1;
  };
}

function collecting(loop: Loop, result: (item: CelValue, frame: Frame) => CelValue): Code {
  return (frame) => {
    const items: CelValue[] = [];
    loop.over(frame, (_key, item) => {
      if (holds(loop.filter, frame)) items.push(result(item, frame));
      return true;
    });
    return new ArrayList(items);
  };
}

function transforming(loop: Loop, add: (map: EntryMap, key: CelValue, frame: Frame) => void): Code {
  return (frame) => {
    const map = new EntryMap();
    loop.over(frame, (key) => {
      if (holds(loop.filter, frame)) add(map, key, frame);
      return true;
    });
    return map;
  };
}
