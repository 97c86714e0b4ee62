import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "./field-error.ts";
import {
  configMapKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  environmentVariableErrors,
  generateNameErrors,
  isDns1123Label,
  labelValueErrors,
  nameErrors,
  pathSegmentErrors,
  portNameErrors,
  qualifiedNameErrors,
  validateAnnotations,
  validateLabels,
  wildcardDns1123SubdomainErrors,
} from "./names.ts";

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const valueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const long = "must be no more than 63 characters";

// Every row was compared with Kubernetes' own checks.
const table: readonly (readonly [check: (text: string) => string[], text: string, errors: string[]])[] = [
  [dns1123SubdomainErrors, "example.com", []],
  [dns1123SubdomainErrors, "a".repeat(253), []],
  [dns1123SubdomainErrors, "Foo", [subdomainText]],
  [dns1123SubdomainErrors, "", [subdomainText]],
  [dns1123SubdomainErrors, "a..b", [subdomainText]],
  [dns1123SubdomainErrors, "a\n", [subdomainText]],
  [dns1123SubdomainErrors, "a".repeat(254), ["must be no more than 253 characters"]],
  [dns1123LabelErrors, "123-abc", []],
  [dns1123LabelErrors, "-a", [labelText]],
  [dns1123LabelErrors, "a.b", ["must not contain dots"]],
  [dns1123LabelErrors, "a".repeat(64), [long]],
  [dns1123LabelErrors, "é".repeat(32), [long, labelText]],
  [dns1035LabelErrors, "abc-123", []],
  [dns1035LabelErrors, "1a", [label1035Text]],
  [pathSegmentErrors, "system:foo", []],
  [pathSegmentErrors, ".", ["may not be '.'"]],
  [pathSegmentErrors, "..", ["may not be '..'"]],
  [pathSegmentErrors, "a%/b", ["may not contain '/'", "may not contain '%'"]],
  [qualifiedNameErrors, "app.kubernetes.io/name", []],
  [qualifiedNameErrors, "MyName", []],
  [qualifiedNameErrors, "", ["name part must be non-empty", `name part ${qualifiedText}`]],
  [qualifiedNameErrors, "/a", ["prefix part must be non-empty"]],
  [qualifiedNameErrors, "A.b/c", [`prefix part ${subdomainText}`]],
  [
    qualifiedNameErrors,
    "a/b/c",
    [`a qualified name ${qualifiedText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  ],
  [labelValueErrors, "", []],
  [labelValueErrors, "a_b.C-1", []],
  [labelValueErrors, "a b", [valueText]],
  [labelValueErrors, "a".repeat(64), [long]],
  [configMapKeyErrors, ".bashrc", []],
  [configMapKeyErrors, "..", ["must not be '..'"]],
  [configMapKeyErrors, "..a", ["must not start with '..'"]],
  [environmentVariableErrors, "MY_ENV.NAME", []],
  [portNameErrors, "http", []],
  [portNameErrors, "80", ["must contain at least one letter (a-z)"]],
  [
    portNameErrors,
    "-Very--Long-Port-Name",
    [
      "must be no more than 15 characters",
      "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
      "must not contain consecutive hyphens",
      "must not begin or end with a hyphen",
    ],
  ],
  [wildcardDns1123SubdomainErrors, "*.example.com", []],
];
for (const [check, text, errors] of table) {
  test(`${check.name} of ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.deepEqual(check(text), errors);
  });
}

test("isDns1123Label says yes or no", () => {
  assert.ok(isDns1123Label("member1"));
  assert.ok(!isDns1123Label("member.1"));
});

test("nameErrors picks a kind's rule", () => {
  assert.deepEqual(nameErrors("subdomain", "a.b"), []);
  assert.deepEqual(nameErrors("label", "a.b"), ["must not contain dots"]);
  assert.deepEqual(nameErrors("label1035", "1a"), [label1035Text]);
  assert.deepEqual(nameErrors("path", "a/b"), ["may not contain '/'"]);
  assert.deepEqual(nameErrors("any", "///"), []);
});

test("generateNameErrors lets a prefix end with a dash", () => {
  assert.deepEqual(generateNameErrors("subdomain", "web-"), []);
  assert.deepEqual(generateNameErrors("subdomain", "-"), [subdomainText]);
  assert.deepEqual(generateNameErrors("subdomain", "Web-"), [subdomainText]);
});

test("validateLabels and validateAnnotations report fields", () => {
  assert.deepEqual(validateLabels({ "a/b": "c" }, "metadata.labels"), []);
  assert.deepEqual(validateLabels({ "a b": "c d" }, "metadata.labels").map(fieldErrorText), [
    `metadata.labels: Invalid value: "a b": name part ${qualifiedText}`,
    `metadata.labels: Invalid value: "c d": ${valueText}`,
  ]);
  assert.deepEqual(validateAnnotations({ "Example.com/A": "any value\n" }, "metadata.annotations"), []);
  assert.deepEqual(validateAnnotations({ a: "x".repeat(262143) }, "metadata.annotations"), []);
  assert.deepEqual(validateAnnotations({ a: "x".repeat(262144) }, "metadata.annotations").map(fieldErrorText), [
    "metadata.annotations: Too long: may not be more than 262144 bytes",
  ]);
});
