// A LabelSelector as text, as Scale objects and tables show it. Upstream: metav1.FormatLabelSelector over labels.Selector.
import { compareBytes } from "#machinery/json.ts";
import { type Fields, itemsOf, textMapOf, textOf, textsOf } from "./access.ts";

/** `a=b,c in (d,e),!f`, requirements sorted by key. */
export function formatLabelSelector(selector: Readonly<Fields>): string {
  const requirements = Object.entries(textMapOf(selector, "matchLabels")).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  for (const expression of itemsOf(selector, "matchExpressions")) {
    const key = textOf(expression, "key");
    requirements.push({ key, text: expressionText(key, expression) });
  }
  return requirements
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ text }) => text)
    .join(",");
}

function expressionText(key: string, expression: Readonly<Fields>): string {
  const values = [...textsOf(expression, "values")].sort(compareBytes).join(",");
  switch (textOf(expression, "operator")) {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}
