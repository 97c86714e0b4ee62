// Writes keep to the ResourceQuotas of their namespace. What a write uses is written down in the quotas' status together with
// the object, in one transaction: quotas never say less than there is, and a write that fails uses nothing.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/resourcequota; it reserves first, and leaves mending to the controller.
import { chargeQuotas } from "#api/quota/charge.ts";
import { type QuotaEvaluator, quotaEvaluator } from "#api/quota/evaluator.ts";
import { type Amounts, amountTexts } from "#api/builtin/pod-resources.ts";
import { childOf } from "#api/builtin/access.ts";
import { ApiError } from "#machinery/api-error.ts";
import { cloneJson } from "#machinery/equality.ts";
import { Turns } from "#std/turns.ts";
import type { StoredEntry, Transaction, TransactionResult } from "#storage/storage.ts";
import type { AdmissionTarget } from "../chain.ts";
import { refusedWrite } from "../refused-write.ts";
import { encodeStored, isMutableObject, managedTextOf } from "../../crud/stored-form.ts";
import type { WriteContext } from "../../crud/write-context.ts";

const quotasPrefix = "/registry/resourcequotas/";
/** How often a write tries again because somebody else has written to a quota of its namespace. */
const attemptsMax = 64;
/** What comes and goes by itself is not counted. */
const uncounted: ReadonlySet<string> = new Set(["/events", "events.k8s.io/events"]);

export class QuotaAdmission {
  /** Writes of a namespace that has quotas come one after another: each must see what the one before has used. */
  readonly #turns = new Turns();

  /** Throws Forbidden where a quota has no room for a write that will not be carried out. */
  async check(context: WriteContext, target: AdmissionTarget): Promise<void> {
    const evaluator = evaluatorOf(context, target);
    if (evaluator === undefined) return;
    charge(context, target, evaluator, await quotasOf(context, target));
  }

  /** Carries out the write and charges for it. Throws Forbidden, with nothing written, where a quota has no room for it. */
  async transact(context: WriteContext, target: AdmissionTarget, transaction: Transaction): Promise<TransactionResult> {
    const { storage } = context.core;
    const evaluator = evaluatorOf(context, target);
    if (evaluator === undefined || (await quotasOf(context, target)).length === 0) return storage.transact(transaction);
    using _turn = await this.#turns.take(target.namespace);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const charged = charge(context, target, evaluator, await quotasOf(context, target));
      const result = await storage.transact({
        compare: [...transaction.compare, ...charged.compare],
        operations: [...transaction.operations, ...charged.operations],
      });
      const isOwn = ({ modRevision }: { modRevision: number }, index: number): boolean =>
        (result.current[index]?.modRevision ?? 0) === modRevision;
      if (result.succeeded || !transaction.compare.every(isOwn)) return result;
    }
    throw new ApiError("ServerTimeout", "the quotas of the namespace change too fast to be charged, please try again");
  }
}

/** Undefined: no quota is about such writes. */
function evaluatorOf({ form }: WriteContext, target: AdmissionTarget): QuotaEvaluator | undefined {
  const { group, plural } = form.resource.kind;
  if (target.namespace === "" || target.object === undefined || uncounted.has(`${group}/${plural}`)) return undefined;
  const evaluator = quotaEvaluator({ group, plural });
  if (target.operation === "CREATE" && target.subresource === undefined) return evaluator;
  return target.operation === "UPDATE" && evaluator.countsUpdates(target.subresource ?? "") ? evaluator : undefined;
}

/** As they are stored now. */
async function quotasOf({ core }: WriteContext, { namespace }: AdmissionTarget): Promise<readonly StoredEntry[]> {
  const { entries } = await core.storage.range({ prefix: `${quotasPrefix}${namespace}/` });
  return entries;
}

/** What has to be written with the object. */
function charge(
  { core, form }: WriteContext,
  target: AdmissionTarget,
  evaluator: QuotaEvaluator,
  entries: readonly StoredEntry[],
): Transaction {
  const { object = {}, old, name } = target;
  const quotas = entries.map((entry) => core.parsed.get(entry));
  const outcome = chargeQuotas(quotas, { evaluator, object, old, now: core.clock.now() });
  if ("refusal" in outcome) throw refusedWrite(form.resource.kind, name, "Forbidden", outcome.refusal);
  const written = outcome.charges.flatMap(({ quota, used }) => {
    const entry = entries[quotas.indexOf(quota)];
    return entry === undefined ? [] : [{ entry, value: withUsage(quota, used, entry) }];
  });
  return {
    compare: written.map(({ entry: { key, modRevision } }) => ({ key, modRevision })),
    operations: written.map(({ entry: { key }, value }) => ({ type: "put", key, value })),
  };
}

function withUsage(quota: object, used: Amounts, { value }: StoredEntry): Buffer {
  const copy: unknown = cloneJson(quota);
  if (!isMutableObject(copy)) throw new TypeError("a stored quota has metadata");
  copy["status"] = { ...childOf(copy, "status"), used: amountTexts(used) };
  return encodeStored(copy, managedTextOf(value));
}
