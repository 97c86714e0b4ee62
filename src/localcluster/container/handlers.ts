// logs, exec and attach of pods that have no machine.
import type { ContainerHandlers } from "#apiserver/start-api-server.ts";
import type { Client } from "#client/client.ts";
import type { Clock } from "#std/time.ts";
import { logHandler } from "./logs.ts";
import { attachHandler, execHandler } from "./sessions.ts";

/** For the API server of a local cluster. */
export function containerHandlers(clock: Clock): (client: Client) => ContainerHandlers {
  return (client) => ({
    connect: { "/v1/pods/log": logHandler({ client, clock }) },
    streams: { "/v1/pods/exec": execHandler({ client, clock }), "/v1/pods/attach": attachHandler({ client, clock }) },
  });
}
