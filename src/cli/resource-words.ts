// What a user's words mean: `deploy,svc`, `deploy/nginx svc/nginx`, `deploy nginx redis`. Pure.
// Upstream: k8s.io/cli-runtime/pkg/resource/builder.go (ResourceTypeOrNameArgs).
import { UsageError } from "./command.ts";

/** Objects of one type: by name, or (names empty) all that the selector leaves. */
export interface ResourceWord {
  /** As typed: plural, singular, short name or kind, with or without a group; or a category such as `all`. */
  readonly type: string;
  readonly names: readonly string[];
}

/** What the arguments name. UsageError where they name nothing, or in two ways at once. */
export function parseResourceWords(args: readonly string[]): readonly ResourceWord[] {
  const [first, ...names] = args;
  if (first === undefined) {
    throw new UsageError("you must say which type of resource: TYPE, TYPE NAME or TYPE/NAME");
  }
  if (args.some((word) => word.includes("/"))) return args.map(parsePair);
  const types = first.split(",").filter((type) => type !== "");
  if (types.length === 0) throw new UsageError("you must say which type of resource: TYPE, TYPE NAME or TYPE/NAME");
  return types.map((type) => ({ type, names }));
}

function parsePair(word: string): ResourceWord {
  const [type = "", name = "", ...rest] = word.split("/");
  if (rest.length > 0) throw new UsageError(`arguments in TYPE/NAME form may have one slash, not "${word}"`);
  if (type === "" || name === "") {
    throw new UsageError(
      `there is no need to name a type before arguments in TYPE/NAME form, and all must be in it: "${word}" is not`,
    );
  }
  return { type, names: [name] };
}
