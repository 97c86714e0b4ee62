// Asks a webhook over HTTPS. Upstream: karmada pkg/resourceinterpreter/customized/webhook/customized.go.
import type { Client } from "#client/client.ts";
import { placeOfService, type WebhookPlace } from "#client/service-place.ts";
import { callErrorText, type WebhookCaller } from "#client/webhook-caller.ts";
import { Service } from "#api/kinds.ts";
import { errorText } from "#machinery/api-error.ts";
import { encodeJson } from "#machinery/json.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { type Answer, contextOf, contextVersions, type Question, readAnswer } from "./context.ts";
import type { NamedWebhook } from "./match.ts";

const timeoutSecondsDefault = 10;
const servicePortDefault = 443;

export interface AskOptions {
  /** Of the control plane, for the addresses of Services. */
  readonly client: Client;
  readonly caller: WebhookCaller;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What `read` finds in the answer to a question. Rejects with an error that names webhook and operation. */
export async function askWebhook<T>(
  { name, webhook }: NamedWebhook,
  question: Question,
  options: AskOptions,
  read: (answer: Answer) => T,
): Promise<T> {
  try {
    return read(await askOnce(webhook, question, options));
  } catch (error) {
    throw new Error(`interpreter webhook ${JSON.stringify(name)} ${question.operation}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

async function askOnce(webhook: NamedWebhook["webhook"], question: Question, options: AskOptions): Promise<Answer> {
  const { caller, clock, random } = options;
  if (!webhook.interpreterContextVersions.some((version) => contextVersions.includes(version))) {
    const known = contextVersions.join(", ");
    throw new Error(`webhook does not accept known ResourceInterpreterContext versions (${known})`);
  }
  const uid = random.uuid();
  const seconds = webhook.timeoutSeconds ?? timeoutSecondsDefault;
  using deadline = deadlineSignal(clock, seconds * 1_000, options.signal);
  const { url, serverName } = await locate(webhook.clientConfig, options, deadline);
  const asked = `${url}?timeout=${seconds}s`;
  const { caBundle } = webhook.clientConfig;
  const authority = caBundle === undefined || caBundle === "" ? undefined : Buffer.from(caBundle, "base64").toString();
  const body = encodeJson(contextOf(uid, question));
  try {
    return readAnswer(await caller.call({ url: asked, authority, serverName, body, signal: deadline }), uid);
  } catch (error) {
    if (deadline.aborted) throw new Error(`Post "${asked}": no answer within ${seconds} s`, { cause: error });
    throw new Error(callErrorText(error), { cause: error });
  }
}

/** A Service of the control plane is reached by its address or external name, any other by its name in the DNS. */
async function locate(
  { url, service }: NamedWebhook["webhook"]["clientConfig"],
  { client }: AskOptions,
  signal: AbortSignal,
): Promise<WebhookPlace> {
  if (service === undefined) return { url: url ?? "", serverName: undefined };
  const { namespace, name, port = servicePortDefault, path = "" } = service;
  const reference = { namespace, name, port, path: path === "" || path.startsWith("/") ? path : `/${path}` };
  return placeOfService(reference, await client.find(Service, { namespace, name }, { signal }));
}
