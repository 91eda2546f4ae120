/** Does a text match a pattern of LIKE: `%` is any text, `_` one character, everything else itself? */
export type TextTest = (text: string) => boolean;

/** Finds one run of characters between two `%`, `_` being any of them; -1 when it is not there. */
const indexOfSegment = (characters: readonly string[], segment: readonly string[], from: number): number => {
  for (let at = from; at + segment.length <= characters.length; at += 1) {
    if (segment.every((wanted, index) => wanted === '_' || wanted === characters[at + index])) return at;
  }
  return -1;
};

const startsAt = (characters: readonly string[], segment: readonly string[], at: number): boolean =>
  at >= 0 &&
  segment.every((wanted, index) => wanted === '_' || wanted === characters[at + index]) &&
  at + segment.length <= characters.length;

/**
 * Compiles a pattern. Each segment between two `%` is looked for once, leftmost first: the time is at most pattern times
 * text, whatever the pattern, where a regular expression of many `.*` would try every division of the text.
 */
export const likePattern = (pattern: string, { ignoreCase }: { readonly ignoreCase: boolean }): TextTest => {
  const fold = (text: string): readonly string[] => [...(ignoreCase ? text.toLowerCase() : text)];
  const segments = (ignoreCase ? pattern.toLowerCase() : pattern).split('%').map((segment) => [...segment]);
  const first = segments[0] ?? [];
  const last = segments.at(-1) ?? [];
  const middle = segments.slice(1, -1);
  return (text) => {
    const characters = fold(text);
    if (!startsAt(characters, first, 0)) return false;
    if (segments.length === 1) return characters.length === first.length;
    let at = first.length;
    for (const segment of middle) {
      const found = indexOfSegment(characters, segment, at);
      if (found < 0) return false;
      at = found + segment.length;
    }
    const end = characters.length - last.length;
    return end >= at && startsAt(characters, last, end);
  };
};
