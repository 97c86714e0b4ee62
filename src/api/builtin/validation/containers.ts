// Checks of the containers of a pod. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { duplicate, type FieldError, forbidden, invalid, notFound, required } from "#machinery/field-error.ts";
import {
  dns1123LabelErrors,
  environmentVariableErrors,
  portNameErrors,
  qualifiedNameErrors,
} from "#machinery/names.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textOf } from "../access.ts";
import { compareAmounts, needed, neededName, nonNegative, oneOf, portNumber, quantitiesNotNegative } from "./checks.ts";

/** How the list of containers is named, and what its members may do. */
type Role = "containers" | "initContainers" | "ephemeralContainers";

/** All containers of a pod spec. `volumes`: the names that mounts may use. */
export function containerErrors(spec: Readonly<Fields>, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  if (listOf(spec, "containers").length === 0) errors.push(required(`${path}.containers`));
  for (const role of ["containers", "initContainers", "ephemeralContainers"] as const) {
    for (const [index, container] of itemsOf(spec, role).entries()) {
      const at = `${path}.${role}[${String(index)}]`;
      errors.push(...oneContainer(container, role, volumes, at));
      const name = textOf(container, "name");
      if (name !== "" && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
  }
  return errors;
}

function oneContainer(
  container: Readonly<Fields>,
  role: Role,
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const image = textOf(container, "image");
  return [
    ...neededName(container, "name", path, dns1123LabelErrors),
    ...(image === "" ? [required(`${path}.image`)] : []),
    ...(image === image.trim()
      ? []
      : [invalid(`${path}.image`, image, "must not have leading or trailing whitespace")]),
    ...portErrors(container, path),
    ...environmentErrors(container, path),
    ...mountErrors(container, volumes, path),
    ...oneOf(container, "imagePullPolicy", path, ["Always", "IfNotPresent", "Never"]),
    ...oneOf(container, "terminationMessagePolicy", path, ["FallbackToLogsOnError", "File"]),
    ...resourceErrors(childOf(container, "resources"), `${path}.resources`),
    ...lifecycleErrors(container, role, path),
  ];
}

function portErrors(container: Readonly<Fields>, path: string): FieldError[] {
  const names = new Set<string>();
  return itemsOf(container, "ports").flatMap((port, index) => {
    const at = `${path}.ports[${String(index)}]`;
    const errors: FieldError[] = [];
    const name = textOf(port, "name");
    if (name !== "") {
      const wrong = portNameErrors(name);
      errors.push(...wrong.map((text) => invalid(`${at}.name`, name, text)));
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    const number = numberOf(port, "containerPort") ?? 0;
    errors.push(...(number === 0 ? [required(`${at}.containerPort`)] : portNumber(number, `${at}.containerPort`)));
    const hostPort = numberOf(port, "hostPort") ?? 0;
    if (hostPort !== 0) errors.push(...portNumber(hostPort, `${at}.hostPort`));
    errors.push(...oneOf(port, "protocol", at, ["SCTP", "TCP", "UDP"]));
    return errors;
  });
}

function environmentErrors(container: Readonly<Fields>, path: string): FieldError[] {
  return itemsOf(container, "env").flatMap((variable, index) => {
    const at = `${path}.env[${String(index)}]`;
    const from = childOf(variable, "valueFrom");
    const errors = neededName(variable, "name", at, environmentVariableErrors);
    if (from === undefined) return errors;
    const sources = Object.keys(from);
    if (sources.length === 0) {
      const names = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
      errors.push(invalid(`${at}.valueFrom`, "", `must specify one of: ${names}`));
    }
    if (sources.length > 1) {
      errors.push(invalid(`${at}.valueFrom`, "", "may not have more than one field specified at a time"));
    }
    if (textOf(variable, "value") !== "" && sources.length > 0) {
      errors.push(invalid(`${at}.valueFrom`, "", "may not be specified when `value` is not empty"));
    }
    for (const name of ["configMapKeyRef", "secretKeyRef"]) {
      const reference = childOf(from, name);
      if (reference !== undefined) errors.push(...needed(reference, "key", `${at}.valueFrom.${name}`));
    }
    return errors;
  });
}

function mountErrors(container: Readonly<Fields>, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const places = new Set<string>();
  return itemsOf(container, "volumeMounts").flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${String(index)}]`;
    const errors: FieldError[] = [];
    const name = textOf(mount, "name");
    const place = textOf(mount, "mountPath");
    if (name === "") errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (place === "") errors.push(required(`${at}.mountPath`));
    else if (places.has(place)) errors.push(invalid(`${at}.mountPath`, place, "must be unique"));
    places.add(place);
    if (textOf(mount, "subPath") !== "" && textOf(mount, "subPathExpr") !== "") {
      const why = "subPathExpr and subPath are mutually exclusive";
      errors.push(invalid(`${at}.subPathExpr`, textOf(mount, "subPathExpr"), why));
    }
    return errors;
  });
}

/** Requests stay within limits; what cannot be overcommitted is requested as limited. */
function resourceErrors(resources: Readonly<Fields> | undefined, path: string): FieldError[] {
  const limits = childOf(resources, "limits") ?? {};
  const requests = childOf(resources, "requests") ?? {};
  const errors = [
    ...resourceNameErrors(limits, `${path}.limits`),
    ...quantitiesNotNegative(resources, "limits", path),
    ...resourceNameErrors(requests, `${path}.requests`),
    ...quantitiesNotNegative(resources, "requests", path),
  ];
  for (const [name, request] of Object.entries(requests)) {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    const isOvercommitted = !name.includes("/") && !name.startsWith("hugepages-");
    if (limit === undefined) {
      if (!isOvercommitted)
        errors.push(required(`${path}.limits`, "Limit must be set for non overcommitable resources"));
      continue;
    }
    const order = compareAmounts(request, limit);
    if (isOvercommitted && order > 0) {
      const why = `must be less than or equal to ${name} limit of ${amountText(limit)}`;
      errors.push(invalid(`${path}.requests`, request, why));
    } else if (!isOvercommitted && order !== 0) {
      errors.push(invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${amountText(limit)}`));
    }
  }
  return errors;
}

function amountText(quantity: unknown): string {
  return typeof quantity === "string" || typeof quantity === "number" ? String(quantity) : "0";
}

const plainResources: readonly string[] = ["cpu", "memory", "ephemeral-storage", "storage"];

function resourceNameErrors(list: Readonly<Fields>, path: string): FieldError[] {
  return Object.keys(list).flatMap((name) => {
    const field = `${path}[${name}]`;
    const wrong = qualifiedNameErrors(name).map((text) => invalid(field, name, text));
    if (wrong.length > 0 || name.includes("/")) return wrong;
    if (plainResources.includes(name) || name.startsWith("hugepages-")) return [];
    return [invalid(field, name, "must be a standard resource for containers")];
  });
}

function lifecycleErrors(container: Readonly<Fields>, role: Role, path: string): FieldError[] {
  const isSidecar = textOf(container, "restartPolicy") === "Always";
  const mayBeProbed = role === "containers" || (role === "initContainers" && isSidecar);
  const who = role === "ephemeralContainers" ? "ephemeral containers" : "init containers";
  const suffix = role === "initContainers" ? " without restartPolicy=Always" : "";
  const errors: FieldError[] = [];
  for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
    const part = childOf(container, name);
    if (part === undefined) continue;
    if (!mayBeProbed) errors.push(forbidden(`${path}.${name}`, `may not be set for ${who}${suffix}`));
    else if (name !== "lifecycle") errors.push(...probeErrors(part, name, `${path}.${name}`));
  }
  return errors;
}

const handlers: readonly string[] = ["exec", "httpGet", "tcpSocket", "grpc"];

function probeErrors(probe: Readonly<Fields>, name: string, path: string): FieldError[] {
  const counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
  const given = handlers.filter((handler) => childOf(probe, handler) !== undefined);
  const errors = counts.flatMap((count) => nonNegative(probe, count, path));
  if (given.length === 0) errors.push(required(path, "must specify a handler type"));
  for (const extra of given.slice(1)) {
    errors.push(forbidden(`${path}.${extra}`, "may not specify more than 1 handler type"));
  }
  const successes = numberOf(probe, "successThreshold");
  if (name !== "readinessProbe" && successes !== undefined && successes !== 1) {
    errors.push(invalid(`${path}.successThreshold`, successes, "must be 1"));
  }
  return errors;
}
