// How a controller writes a status: that alone. A PUT would bring back the labels and annotations that it has read a while
// ago, and a merge could not drop fields.
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/index.ts";

/** Replaces the status of `object`, unless it is the one that the object has. An object that has gone needs none. */
export async function writeStatus<T extends KubeObject>(
  kind: Kind<T>,
  object: T,
  status: object | undefined,
  { client, signal }: Pick<ControllerContext, "client" | "signal">,
): Promise<void> {
  if (status === undefined || status === object["status"]) return;
  const { name, namespace, uid } = object.metadata;
  const patch = [
    // Another object of that name has a status of its own.
    ...(uid === undefined ? [] : [{ op: "test", path: "/metadata/uid", value: uid }]),
    { op: "add", path: "/status", value: status },
  ];
  try {
    await client.patch(kind, { name, namespace }, { type: "json", patch }, { signal, subresource: "status" });
  } catch (error) {
    if (!isApiError(error, "NotFound", "Invalid")) throw error;
    if (
      isApiError(error, "Invalid") &&
      (await client.find(kind, { name, namespace }, { signal }))?.metadata.uid === uid
    )
      throw error;
  }
}
