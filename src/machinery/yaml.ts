// YAML in and out, as kubectl reads and prints it.
export {
  type DuplicateKey,
  duplicateKeysText,
  parseYaml,
  parseYamlDocuments,
  type ParseYamlOptions,
  type YamlDocument,
} from "./yaml-reader.ts";
export { stringifyYaml } from "./yaml-writer.ts";
