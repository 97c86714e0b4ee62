// Label and field selectors, from text and from objects.
export { type FieldRequirement, formatFieldSelector, parseFieldSelector } from "./field-selector.ts";
export {
  formatLabelSelector,
  isLabelSelectorSpec,
  type LabelMatcher,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  type LabelSelectorSpec,
  labelSelectorOf,
} from "./label-selector.ts";
export { parseLabelSelector } from "./label-selector-parser.ts";
