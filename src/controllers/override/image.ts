// Image references in their parts, and imageOverrider, which changes one of them.
// Upstream: karmada pkg/util/imageparser/parser.go, pkg/util/overridemanager/imageoverride.go.
import type { ImageOverrider } from "#api/policy/override-policy.ts";
import { isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { changeContainers } from "./containers.ts";
import { OverrideFailure } from "./override-failure.ts";
import { patchValue, valueAt } from "./patch-value.ts";

/** `registry.example:5000/team/app:v1`. Tag and digest never go together: of an image that has both, the tag is kept. */
export interface Image {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const hostPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${hostPart}(?:\\.${hostPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const tagText = "[\\w][\\w.-]{0,127}";
const digestText = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";

const reference = new RegExp(
  `^(?<name>(?:${host}/)?${pathPart}(?:/${pathPart})*)(?::(?<tag>${tagText}))?(?:@(?<digest>${digestText}))?$`,
);
const wholeTag = new RegExp(`^${tagText}$`);
const wholeDigest = new RegExp(`^${digestText}$`);

/** Undefined where the text is no image reference. */
export function parseImage(text: string): Image | undefined {
  const groups = reference.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name = "", tag = "", digest = "" } = groups;
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === "localhost";
  return {
    registry: isRegistry ? first : "",
    repository: isRegistry ? name.slice(slash + 1) : name,
    tag,
    digest: tag === "" ? digest : "",
  };
}

export function formatImage({ registry, repository, tag, digest }: Image): string {
  const name = registry === "" ? repository : `${registry}/${repository}`;
  if (tag !== "") return `${name}:${tag}`;
  return digest === "" ? name : `${name}@${digest}`;
}

/** The manifest with its images changed: the one that the predicate points at, else those of all containers. */
export function overrideImages(manifest: KubeObject, overrider: ImageOverrider): unknown {
  const path = overrider.predicate?.path;
  if (path === undefined) {
    return changeContainers(manifest, (container) => ({
      ...container,
      image: overrideImage(isString(container["image"]) ? container["image"] : "", overrider),
    }));
  }
  const current = valueAt(manifest, path);
  if (!isString(current)) throw new OverrideFailure(`the value at ${path} is not a string`);
  return patchValue(manifest, { operator: "replace", path, value: overrideImage(current, overrider) });
}

function overrideImage(text: string, { component, operator, value = "" }: ImageOverrider): string {
  const image = parseImage(text);
  if (image === undefined) throw new OverrideFailure(`${JSON.stringify(text)} is not an image reference`);
  const change = (part: string): string => (operator === "add" ? part + value : operator === "replace" ? value : "");
  switch (component) {
    case "Registry":
      return formatImage({ ...image, registry: change(image.registry) });
    case "Repository":
      return formatImage({ ...image, repository: change(image.repository) });
    case "Tag":
      return formatImage(operator === "remove" ? withoutVersion(image) : withVersion(image, change(versionOf(image))));
  }
}

function versionOf({ tag, digest }: Image): string {
  return tag === "" ? digest : tag;
}

function withoutVersion(image: Image): Image {
  return { ...image, tag: "", digest: "" };
}

/** A text that is neither tag nor digest changes nothing. */
function withVersion(image: Image, version: string): Image {
  if (wholeTag.test(version)) return { ...image, tag: version, digest: "" };
  return wholeDigest.test(version) ? { ...image, tag: "", digest: version } : image;
}
