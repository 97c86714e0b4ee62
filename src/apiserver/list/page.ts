// Reads one page of a collection at one revision, with selectors applied.
// Upstream: k8s.io/apiserver/pkg/storage/etcd3/store.go (GetList).
import { ApiError, isApiError, type Status } from "#machinery/api-error.ts";
import type { RangeResult, StoredEntry } from "#storage/storage.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ServerCore } from "../request/context.ts";
import { type ContinueToken, decodeContinue, encodeContinue } from "./continue-token.ts";
import type { ListOptions } from "./options.ts";
import { waitForRevision } from "./read-at.ts";
import type { Selection } from "./selection.ts";
import { yieldingEvery } from "./turns.ts";

/** How many keys are looked at in one step when a selector may leave most of them out. */
const scanStepKeys = 1_000;

export interface Page {
  /** What the list says it is at. */
  readonly revision: number;
  readonly entries: readonly StoredEntry[];
  readonly continue: string | undefined;
  readonly remaining: number | undefined;
}

export interface PageRequest {
  readonly form: ResourceForm;
  readonly selection: Selection;
  readonly options: ListOptions;
  readonly signal: AbortSignal;
}

/** The page that `options` ask for. Throws Expired when its revision has been compacted. */
export async function readPage(core: ServerCore, request: PageRequest): Promise<Page> {
  const { options, selection } = request;
  const token = options.continue === undefined ? undefined : decodeContinue(options.continue);
  if (options.revision.kind !== "newest") await waitForRevision(core, options.revision.revision, request.signal);
  const start = token === undefined ? undefined : selection.prefix + token.start;
  const revision = fixedRevision(options, token);
  try {
    return await scan(core, request, { from: start, revision });
  } catch (error) {
    throw isApiError(error, "Expired") ? expiredError(token) : error;
  }
}

function fixedRevision({ revision }: ListOptions, token: ContinueToken | undefined): number | undefined {
  if (token !== undefined) return token.revision < 0 ? undefined : token.revision;
  return revision.kind === "exactly" ? revision.revision : undefined;
}

interface ScanPosition {
  readonly from: string | undefined;
  readonly revision: number | undefined;
}

async function scan(core: ServerCore, request: PageRequest, position: ScanPosition): Promise<Page> {
  const { selection, options, signal } = request;
  const limit = options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
  const step = selection.needsObject ? Math.max(limit, scanStepKeys) : limit;
  const turn = yieldingEvery(core.clock);
  const found: StoredEntry[] = [];
  let { from, revision } = position;
  for (;;) {
    const range: RangeResult = await core.storage.range({
      prefix: selection.prefix,
      from,
      revision,
      ...(Number.isFinite(step) ? { limit: step } : {}),
    });
    revision ??= range.revision;
    const readable = await request.form.readable(range.entries);
    for (const [index, entry] of readable.entries()) {
      if (found.length === limit) return morePage(request, found, { revision, unread: range.count - index });
      if (selection.keeps(entry)) found.push(entry);
      const pause = selection.needsObject ? turn(signal) : undefined;
      if (pause !== undefined) await pause;
    }
    const last = range.entries.at(-1);
    const unread = range.count - range.entries.length;
    if (unread <= 0 || last === undefined)
      return { revision, entries: found, continue: undefined, remaining: undefined };
    if (found.length === limit) return morePage(request, found, { revision, unread });
    from = `${last.key}\0`;
  }
}

/** A page with others behind it. */
function morePage(
  { selection }: PageRequest,
  entries: readonly StoredEntry[],
  { revision, unread }: { readonly revision: number; readonly unread: number },
): Page {
  const last = entries.at(-1)?.key ?? selection.prefix;
  const start = `${last.slice(selection.prefix.length)}\0`;
  // How many are left is known only where no selector can leave some of them out.
  return {
    revision,
    entries,
    continue: encodeContinue({ revision, start }),
    remaining: selection.isEverything ? unread : undefined,
  };
}

const expiredTokenText =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/** An Expired error whose Status carries a token for those who would rather have an inconsistent list. */
class ExpiredListError extends ApiError {
  readonly continue: string;

  constructor(token: ContinueToken) {
    super("Expired", expiredTokenText);
    this.continue = encodeContinue({ revision: -1, start: token.start });
  }

  override toStatus(): Status {
    return { ...super.toStatus(), metadata: { continue: this.continue } };
  }
}

function expiredError(token: ContinueToken | undefined): ApiError {
  if (token !== undefined) return new ExpiredListError(token);
  return new ApiError("Expired", "The resourceVersion for the provided list is too old.");
}
