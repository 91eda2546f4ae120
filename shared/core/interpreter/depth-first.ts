type State = 'open' | 'done';

/**
 * Every node that the roots lead to, each after its children, by a stack of its own: a graph may be deeper than calls
 * can be nested.
 * @returns undefined where a node leads back to itself.
 */
export const childrenFirst = <T>(
  roots: Iterable<T>,
  childrenOf: (node: T) => readonly T[],
): readonly T[] | undefined => {
  const sorted: T[] = [];
  const states = new Map<T, State>();
  const path = [...roots].reverse();
  const open = (node: T): boolean => {
    states.set(node, 'open');
    const children = childrenOf(node).filter((child) => states.get(child) !== 'done');
    for (const child of children.toReversed()) path.push(child);
    return children.every((child) => states.get(child) !== 'open');
  };
  while (path.length > 0) {
    const node = path[path.length - 1] as T;
    const state = states.get(node);
    if (state === undefined) {
      if (!open(node)) return undefined;
      continue;
    }
    path.pop();
    if (state === 'open') sorted.push(node);
    states.set(node, 'done');
  }
  return sorted;
};
