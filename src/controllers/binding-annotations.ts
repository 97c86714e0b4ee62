// What controllers remember on a binding: annotations that hold JSON, so that a restart forgets nothing. Pure.
import type { Binding } from "#api/work/binding.ts";

/** The value of an annotation. What cannot be read is as if it were not there. */
export function rememberedValue({ metadata }: Binding, key: string): unknown {
  const text = metadata.annotations?.[key];
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The binding with the annotation; without it where `text` is undefined. The same binding where it is so already. */
export function withAnnotation(binding: Binding, key: string, text: string | undefined): Binding {
  const { [key]: known, ...others } = binding.metadata.annotations ?? {};
  if (known === text) return binding;
  const annotations = text === undefined ? others : { ...others, [key]: text };
  return { ...binding, metadata: { ...binding.metadata, annotations } };
}
