// Lets a user act as another one, if it may. Every name it asks for is a separate question to the authorizer.
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/impersonation/impersonation.go (the `impersonate` verb).
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, UserInfo } from "#machinery/http.ts";
import type { Attributes, Authorizer } from "./authorizer.ts";
import { forbiddenError } from "./forbidden.ts";
import {
  groupAuthenticated,
  groupUnauthenticated,
  parseServiceAccountUserName,
  serviceAccountGroups,
  userAnonymous,
} from "./users.ts";

const userHeader = "impersonate-user";
const groupHeader = "impersonate-group";
const uidHeader = "impersonate-uid";
const extraPrefix = "impersonate-extra-";
const noHeaders: readonly string[] = [];

/** What the headers ask for. Repeated headers arrive joined by a comma and a space, as Node joins them. */
interface Wanted {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * The user that a request is to be handled as: `requester` itself without impersonation headers. Throws BadRequest for
 * headers that make no sense and Forbidden, naming the requester, for what it may not impersonate.
 */
export async function impersonatedUser(
  headers: ApiRequest["headers"],
  requester: UserInfo,
  authorize: Authorizer,
): Promise<UserInfo> {
  const wanted = wantedOf(headers);
  if (wanted === undefined) return requester;
  for (const question of questionsOf(wanted, requester)) {
    const { allowed, reason } = await authorize(question);
    if (!allowed) throw forbiddenError(question, reason);
  }
  return {
    name: wanted.user,
    ...(wanted.uid === undefined ? {} : { uid: wanted.uid }),
    groups: groupsOf(wanted),
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
  };
}

function wantedOf(headers: ApiRequest["headers"]): Wanted | undefined {
  const names = impersonationHeaders(headers);
  if (names.length === 0) return undefined;
  const user = headers[userHeader] ?? "";
  const uid = headers[uidHeader];
  const groups = split(headers[groupHeader]);
  const extra = Object.fromEntries(
    names
      .filter((name) => name.startsWith(extraPrefix))
      .map((name) => [decodeKey(name.slice(extraPrefix.length)), split(headers[name])] as const),
  );
  if (user === "") {
    const asked = [...groups, ...(uid === undefined ? [] : [uid]), ...Object.values(extra).flat()];
    throw new ApiError("BadRequest", `requested [${asked.join(" ")}] without impersonating a user name`);
  }
  return { user, uid: uid === "" ? undefined : uid, groups, extra };
}

/** Runs for every request, so that it makes nothing for those that ask for nothing. */
function impersonationHeaders(headers: ApiRequest["headers"]): readonly string[] {
  let names: readonly string[] = noHeaders;
  for (const name in headers) {
    if (name.startsWith("impersonate-")) names = [...names, name];
  }
  return names;
}

function questionsOf(wanted: Wanted, requester: UserInfo): readonly Attributes[] {
  const ask = (resource: string, name: string, rest: Partial<Attributes> = {}): Attributes => ({
    user: requester,
    verb: "impersonate",
    group: "",
    version: "v1",
    resource,
    subresource: "",
    namespace: "",
    name,
    path: "",
    isResource: true,
    ...rest,
  });
  const account = parseServiceAccountUserName(wanted.user);
  const group = "authentication.k8s.io";
  return [
    account === undefined
      ? ask("users", wanted.user)
      : ask("serviceaccounts", account.name, { namespace: account.namespace }),
    ...wanted.groups.map((name) => ask("groups", name)),
    ...(wanted.uid === undefined ? [] : [ask("uids", wanted.uid, { group })]),
    ...Object.entries(wanted.extra).flatMap(([key, values]) =>
      values.map((value) => ask("userextras", value, { group, subresource: key })),
    ),
  ];
}

/** Groups as listed; a service account for which none are listed has its own. Everyone is known or anonymous. */
function groupsOf(wanted: Wanted): readonly string[] {
  const account = parseServiceAccountUserName(wanted.user);
  const listed =
    wanted.groups.length === 0 && account !== undefined ? serviceAccountGroups(account.namespace) : wanted.groups;
  if (listed.includes(groupAuthenticated) || listed.includes(groupUnauthenticated)) return listed;
  return [...listed, wanted.user === userAnonymous ? groupUnauthenticated : groupAuthenticated];
}

function split(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(", ").filter((value) => value !== "");
}

/** Keys are percent-encoded on the wire; one that is not is taken as it stands. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
