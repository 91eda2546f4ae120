import type { AttributeValue, Item } from '../attribute-value.ts';
import type { DocumentPath } from './syntax.ts';

/** The attribute of that name, never something an object inherits: an attribute may be called `constructor`. */
export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

const childOf = (value: AttributeValue, element: string | number): AttributeValue | undefined => {
  if (typeof element === 'number') return 'L' in value ? value.L[element] : undefined;
  return 'M' in value ? attributeOf(value.M, element) : undefined;
};

/** The value a resolved path leads to, or undefined where the path leaves the document. */
export const valueAt = (item: Item, path: DocumentPath): AttributeValue | undefined => {
  let current: AttributeValue | undefined = attributeOf(item, String(path[0]));
  for (let depth = 1; depth < path.length && current !== undefined; depth += 1) {
    current = childOf(current, path[depth] ?? 0);
  }
  return current;
};
