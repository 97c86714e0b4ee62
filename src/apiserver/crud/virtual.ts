// POSTs that are answered and not stored, through handlers that others bring: access reviews, token requests.
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { Kind } from "#machinery/object.ts";
import { admitMutating, admitValidating, type AdmissionTarget } from "../admission/chain.ts";
import type { VirtualHandler } from "../options.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import { valueResponse } from "../request/respond.ts";
import { decodeAs } from "./body-kinds.ts";
import { decodeBody } from "./decode.ts";
import { writeContext } from "./handlers.ts";
import { parseWriteOptions } from "./options.ts";
import type { ResourceForm } from "./resource-form.ts";

/** What VirtualHandlers and ConnectHandlers are registered under. */
export function extraKey({ group, version, plural }: Kind, subresource: string): string {
  const key = `${group}/${version}/${plural}`;
  return subresource === "" ? key : `${key}/${subresource}`;
}

export async function handleVirtual(context: ResourceContext, handler: VirtualHandler): Promise<ApiResponse> {
  const { core, info, resource, warnings } = context;
  const negotiated = negotiate(context.request, info, { transformations: [], stream: false });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "CreateOptions");
  const { subresource, namespace } = info;
  const form = core.forms.of(resource);
  const object = decode(context, form, { fieldValidation, warnings });
  if (resource.kind.namespaced && namespace !== "") object.metadata["namespace"] ??= namespace;
  if (info.named) object.metadata.name = info.name;
  const target = virtualTarget(context, object);
  const write = writeContext(context, form, dryRun);
  await admitMutating(write, target);
  await admitValidating(write, target);
  const answer = await handler({
    resource,
    subresource,
    namespace,
    name: info.named ? info.name : "",
    object,
    user: context.user,
    dryRun,
    signal: context.signal,
    warn: (text) => {
      warnings.add(text);
    },
  });
  return valueResponse(201, answer, negotiated);
}

function decode(
  context: ResourceContext,
  form: ResourceForm,
  options: Parameters<typeof decodeBody>[2],
): MutableObject {
  const body = context.resource.subresources[context.info.subresource]?.kind;
  return body === undefined ? decodeBody(form, context.request, options) : decodeAs(body, context.request, options);
}

/** What admission sees: a CREATE of the body's kind. */
export function virtualTarget({ info, resource }: ResourceContext, object: MutableObject): AdmissionTarget {
  const body = resource.subresources[info.subresource]?.kind;
  return {
    operation: "CREATE",
    subresource: info.subresource === "" ? undefined : info.subresource,
    namespace: resource.kind.namespaced ? info.namespace : "",
    name: info.named ? info.name : object.metadata.name,
    object,
    old: undefined,
    ...(body === undefined
      ? {}
      : { kind: { ...resource.kind, group: body.group, version: body.version, kind: body.kind } }),
  };
}
