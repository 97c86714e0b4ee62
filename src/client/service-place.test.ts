import assert from "node:assert/strict";
import test from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { placeOfService } from "./service-place.ts";

const reference = { namespace: "tools", name: "hook", port: 8443, path: "/x" };

function service(spec: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "hook", namespace: "tools" }, spec };
}

for (const { name, found, url } of [
  { name: "by its address", found: service({ clusterIP: "10.0.0.9" }), url: "https://10.0.0.9:8443/x" },
  { name: "by an address of IPv6", found: service({ clusterIP: "fd00::1" }), url: "https://[fd00::1]:8443/x" },
  {
    name: "by its external name",
    found: service({ type: "ExternalName", externalName: "a.example.org" }),
    url: "https://a.example.org:8443/x",
  },
  { name: "by its name where there is none", found: undefined, url: "https://hook.tools.svc:8443/x" },
]) {
  test(`a Service is reached ${name}`, () => {
    assert.deepEqual(placeOfService(reference, found), { url, serverName: "hook.tools.svc" });
  });
}

test("a Service without an address is not reached", () => {
  for (const clusterIP of ["", "None"]) {
    assert.throws(() => placeOfService(reference, service({ clusterIP })), {
      message: 'service "tools/hook" has no address',
    });
  }
});
