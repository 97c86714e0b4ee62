import assert from "node:assert/strict";
import { test } from "node:test";
import { isApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import {
  bearerTokenAuthenticator,
  requestUserAuthenticator,
  staticTokenAuthenticator,
  unionAuthenticator,
} from "./authenticators.ts";

const bob = { name: "bob", groups: ["devs"] };
const authenticate = unionAuthenticator([
  requestUserAuthenticator,
  bearerTokenAuthenticator([staticTokenAuthenticator(new Map([["secret", bob]]))]),
]);

function request(authorization?: string, user?: ApiRequest["user"]): ApiRequest {
  return {
    method: "GET",
    path: "/",
    headers: authorization === undefined ? {} : { authorization },
    user,
    signal: new AbortController().signal,
  };
}

for (const { name, asked, expected } of [
  {
    name: "a certificate's user",
    asked: request(undefined, { name: "amy", groups: [] }),
    expected: { name: "amy", groups: ["system:authenticated"] },
  },
  {
    name: "a certificate goes before a token",
    asked: request("Bearer secret", { name: "amy", groups: ["system:authenticated"] }),
    expected: { name: "amy", groups: ["system:authenticated"] },
  },
  {
    name: "a token",
    asked: request("bearer  secret"),
    expected: { name: "bob", groups: ["devs", "system:authenticated"] },
  },
  {
    name: "a visitor",
    asked: request(),
    expected: { name: "system:anonymous", groups: ["system:unauthenticated"] },
  },
]) {
  test(name, async () => {
    assert.deepEqual(await authenticate(asked), expected);
  });
}

for (const authorization of ["Bearer guess", "Bearer", "Basic YTpi", ""]) {
  test(`refuses ${JSON.stringify(authorization)}`, async () => {
    await assert.rejects(Promise.resolve(authenticate(request(authorization))), (error) =>
      isApiError(error, "Unauthorized"),
    );
  });
}

test("refuses visitors where they are not allowed", async () => {
  const closed = unionAuthenticator([requestUserAuthenticator], { anonymous: false });
  await assert.rejects(Promise.resolve(closed(request())), (error) => isApiError(error, "Unauthorized"));
});
