// What expressions of admission can ask about permissions. Upstream: k8s.io/apiserver/pkg/cel/library/authz.go.
import { type CelFunction, type Definition, member } from "./function.ts";
import { bool, type CelType, opaque, string } from "./type.ts";
import { type CelValue, OpaqueValue } from "./value.ts";

export interface AccessQuestion {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a request that is about no resource. */
  readonly path: string | undefined;
  readonly verb: string;
  /** The service account that is asked about, as `namespace` and `name`; undefined: the requester. */
  readonly account: { readonly namespace: string; readonly name: string } | undefined;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why there is no answer; then nothing is allowed. */
  readonly error?: string;
}

/** Answers at once: expressions do not wait. */
export type AccessCheck = (question: AccessQuestion) => AccessAnswer;

const pathType = opaque("kubernetes.authorization.PathCheck");
const groupType = opaque("kubernetes.authorization.GroupCheck");
const resourceType = opaque("kubernetes.authorization.ResourceCheck");
const decisionType = opaque("kubernetes.authorization.Decision");
/** `authorizer.requestResource` asks about what the request is about. */
export const authorizerType: CelType = {
  kind: "object",
  name: "kubernetes.authorization.Authorizer",
  fields: new Map([["requestResource", { name: "requestResource", type: resourceType }]]),
};

const nothing: AccessQuestion = {
  ...{ group: "", resource: "", subresource: "", namespace: "", name: "", verb: "" },
  path: undefined,
  account: undefined,
};

/** A question that is not whole yet, and who answers it. */
class QuestionValue extends OpaqueValue {
  readonly typeName: string;
  readonly check: AccessCheck;
  readonly question: AccessQuestion;

  constructor(type: CelType, check: AccessCheck, question: AccessQuestion) {
    super();
    this.typeName = nameOf(type);
    this.check = check;
    this.question = question;
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

class RequesterValue extends QuestionValue {
  readonly #request: Partial<AccessQuestion>;

  constructor(check: AccessCheck, request: Partial<AccessQuestion>) {
    super(authorizerType, check, nothing);
    this.#request = request;
  }

  override field(name: string): CelValue | undefined {
    if (name !== "requestResource") return undefined;
    return new QuestionValue(resourceType, this.check, { ...nothing, ...this.#request });
  }
}

/** The value of `authorizer`; `request`: what the request is about. */
export function authorizerValue(check: AccessCheck, request: Partial<AccessQuestion>): CelValue {
  return new RequesterValue(check, request);
}

class DecisionValue extends OpaqueValue {
  readonly typeName = "kubernetes.authorization.Decision";
  readonly answer: AccessAnswer;

  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

function nameOf(type: CelType): string {
  return "name" in type ? type.name : "";
}

/** A member that adds to the question; from one type to the next. */
function adds(from: CelType, to: CelType, part: (text: string) => Partial<AccessQuestion>): CelFunction {
  return {
    overloads: [member([from, string], to)],
    run: ([asked, text]) => {
      if (!(asked instanceof QuestionValue) || asked.typeName !== nameOf(from) || typeof text !== "string")
        return undefined;
      return new QuestionValue(to, asked.check, { ...asked.question, ...part(text) });
    },
  };
}

const account: CelFunction = {
  overloads: [member([authorizerType, string, string], authorizerType)],
  run: ([asked, namespace, name]) => {
    if (!(asked instanceof QuestionValue) || typeof namespace !== "string" || typeof name !== "string")
      return undefined;
    return new QuestionValue(authorizerType, asked.check, { ...asked.question, account: { namespace, name } });
  },
};

/** What one question costs: a tenth of upstream's figure, as the budgets are a tenth of upstream's. */
const checkCost = 35_000;

const check: CelFunction = {
  overloads: [member([pathType, string], decisionType), member([resourceType, string], decisionType)],
  run: ([asked, verb], budget) => {
    if (!(asked instanceof QuestionValue) || typeof verb !== "string") return undefined;
    budget.charge(checkCost);
    return new DecisionValue(asked.check({ ...asked.question, verb }));
  },
  cost: () => checkCost,
};

function reads(result: CelType, read: (answer: AccessAnswer) => CelValue): CelFunction {
  return {
    overloads: [member([decisionType], result)],
    run: ([decision]) => (decision instanceof DecisionValue ? read(decision.answer) : undefined),
  };
}

export const authorizerFunctions: readonly Definition[] = [
  ["path", adds(authorizerType, pathType, (path) => ({ path }))],
  ["group", adds(authorizerType, groupType, (group) => ({ group }))],
  ["resource", adds(groupType, resourceType, (resource) => ({ resource }))],
  ["subresource", adds(resourceType, resourceType, (subresource) => ({ subresource }))],
  ["namespace", adds(resourceType, resourceType, (namespace) => ({ namespace }))],
  ["name", adds(resourceType, resourceType, (name) => ({ name }))],
  ["serviceAccount", account],
  ["check", check],
  ["allowed", reads(bool, ({ allowed }) => allowed)],
  ["reason", reads(string, ({ reason }) => reason)],
  ["errored", reads(bool, ({ error }) => error !== undefined)],
  ["error", reads(string, ({ error = "" }) => error)],
];
