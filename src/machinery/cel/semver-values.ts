// Semantic versions in CEL. Upstream: k8s.io/apiserver/pkg/cel/library/semverlib.go; semver.org 2.0.0.
import { OpaqueValue } from "./value.ts";

export class SemverValue extends OpaqueValue {
  readonly typeName = "kubernetes.Semver";
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  readonly build: string;

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[], build: string) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && this.compare(other) === 0;
  }

  /** -1, 0 or 1; builds do not count. */
  compare(other: SemverValue): number {
    for (const index of [0, 1, 2] as const) {
      const [mine, its] = [this.numbers[index], other.numbers[index]];
      if (mine !== its) return mine < its ? -1 : 1;
    }
    if (this.prerelease.length === 0 || other.prerelease.length === 0) {
      return Math.sign(other.prerelease.length - this.prerelease.length);
    }
    for (const [index, part] of this.prerelease.entries()) {
      const its = other.prerelease[index];
      if (its === undefined) return 1;
      const order = comparePrerelease(part, its);
      if (order !== 0) return order;
    }
    return this.prerelease.length < other.prerelease.length ? -1 : 0;
  }
}

/** Numbers come before words. */
function comparePrerelease(left: string, right: string): number {
  const [isNumber, itsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && itsNumber) {
    const [a, b] = [BigInt(left), BigInt(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  if (isNumber !== itsNumber) return isNumber ? -1 : 1;
  return left === right ? 0 : left < right ? -1 : 1;
}

const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const strict = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`,
);
const textLengthMax = 1_000;

/** The version of a text, or what is wrong with it. `normalizes`: takes `v1.2`, `1` and leading zeros. */
export function parseSemver(text: string, normalizes: boolean): SemverValue | string {
  const match = text.length > textLengthMax ? null : strict.exec(normalizes ? normalized(text) : text);
  const prerelease = match?.[4]?.split(".") ?? [];
  if (match === null || prerelease.some((part) => /^0\d+$/.test(part))) {
    return `${JSON.stringify(text)} is not a semantic version`;
  }
  const [, major = "0", minor = "0", patch = "0", , build = ""] = match;
  return new SemverValue([BigInt(major), BigInt(minor), BigInt(patch)], prerelease, build);
}

function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(text);
  if (match === null) return text;
  const [, major = "", minor = "0", patch = "0", rest = ""] = match;
  return `${[major, minor, patch].map((part) => part.replace(/^0+(?=\d)/, "")).join(".")}${rest}`;
}
