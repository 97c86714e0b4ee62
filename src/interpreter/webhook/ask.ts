// Asks a webhook over HTTPS. Upstream: karmada pkg/resourceinterpreter/customized/webhook/customized.go.
import type { Client } from "#client/client.ts";
import { callErrorText, type WebhookCaller } from "#client/webhook-caller.ts";
import { Service } from "#api/kinds.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
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

interface Place {
  readonly url: string;
  /** The name that the certificate must have, where it is not the URL's host. */
  readonly serverName: string | undefined;
}

/** A Service of the control plane is reached by its address or external name, any other by its name in the DNS. */
async function locate(
  { url, service }: NamedWebhook["webhook"]["clientConfig"],
  { client }: AskOptions,
  signal: AbortSignal,
): Promise<Place> {
  if (service === undefined) return { url: url ?? "", serverName: undefined };
  const { namespace, name, port = servicePortDefault, path = "" } = service;
  const serverName = `${name}.${namespace}.svc`;
  const host = await hostOf(client, { namespace, name }, signal);
  const shown = host?.includes(":") === true ? `[${host}]` : (host ?? serverName);
  return { url: `https://${shown}:${port}${path === "" || path.startsWith("/") ? path : `/${path}`}`, serverName };
}

async function hostOf(
  client: Client,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { spec } = await client.get(Service, ref, { signal });
    if (spec.type === "ExternalName") return spec.externalName;
    if (spec.clusterIP === undefined || spec.clusterIP === "" || spec.clusterIP === "None") {
      throw new Error(`service ${JSON.stringify(`${ref.namespace}/${ref.name}`)} has no address`);
    }
    return spec.clusterIP;
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    throw error;
  }
}
