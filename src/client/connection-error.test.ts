import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionError } from "./connection-error.ts";

const withCode = (code: string, options?: ErrorOptions) => Object.assign(new Error(`raw ${code}`, options), { code });

for (const { name, error, reason, message } of [
  {
    name: "refused",
    error: withCode("ECONNREFUSED"),
    reason: "ServiceUnavailable",
    message: "unable to reach https://a:1: connection refused (is the API server running, and is this its address?)",
  },
  {
    name: "refused on each address",
    error: new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")]),
    reason: "ServiceUnavailable",
    message: "unable to reach https://a:1: connection refused (is the API server running, and is this its address?)",
  },
  {
    name: "wrapped",
    error: new TypeError("fetch failed", { cause: withCode("CERT_HAS_EXPIRED") }),
    reason: "ServiceUnavailable",
    message:
      "unable to reach https://a:1: the server's certificate has expired (renew it, and check this machine's clock)",
  },
  {
    name: "silent",
    error: withCode("UND_ERR_HEADERS_TIMEOUT"),
    reason: "Timeout",
    message: "https://a:1 did not answer in time",
  },
  {
    name: "unknown",
    error: withCode("toString"),
    reason: "ServiceUnavailable",
    message: "unable to reach https://a:1: raw toString",
  },
  {
    name: "empty",
    error: new Error(""),
    reason: "ServiceUnavailable",
    message: "unable to reach https://a:1: the connection failed",
  },
  { name: "no error at all", error: "x", reason: "ServiceUnavailable", message: "unable to reach https://a:1: x" },
]) {
  test(`connection error: ${name}`, () => {
    const found = connectionError(error, "https://a:1");
    assert.deepEqual([found.reason, found.message], [reason, message]);
  });
}
