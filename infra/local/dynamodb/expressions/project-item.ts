import type { AttributeValue, Item } from '../attribute-value.ts';
import { attributeOf } from './document-path.ts';
import type { DocumentPath } from './syntax.ts';

/** Wanted children by name or index; an empty tree wants the whole value. */
type Tree = Map<string | number, Tree>;

const treeOf = (paths: readonly DocumentPath[]): Tree => {
  const root: Tree = new Map();
  for (const path of paths) {
    let node = root;
    for (const element of path) {
      const child: Tree = node.get(element) ?? new Map();
      node.set(element, child);
      node = child;
    }
  }
  return root;
};

const projectMap = (map: Item, tree: Tree): Item =>
  Object.fromEntries(
    [...tree].flatMap(([name, subtree]) => {
      const value = attributeOf(map, String(name));
      const kept = value && projectValue(value, subtree);
      return kept === undefined ? [] : [[String(name), kept]];
    }),
  );

/** Elements keep their order and close up: `a[5], a[2]` gives a list of two. */
const projectList = (list: readonly AttributeValue[], tree: Tree): readonly AttributeValue[] =>
  [...tree]
    .sort(([left], [right]) => Number(left) - Number(right))
    .flatMap(([index, subtree]) => {
      const value = list[Number(index)];
      const kept = value && projectValue(value, subtree);
      return kept === undefined ? [] : [kept];
    });

const projectValue = (value: AttributeValue, tree: Tree): AttributeValue | undefined => {
  if (tree.size === 0) return value;
  const wantsElements = [...tree.keys()].every((key) => typeof key === 'number');
  if (wantsElements) {
    const kept = 'L' in value ? projectList(value.L, tree) : [];
    return kept.length === 0 ? undefined : { L: kept };
  }
  const kept = 'M' in value ? projectMap(value.M, tree) : {};
  return Object.keys(kept).length === 0 ? undefined : { M: kept };
};

/** The parts of an item that the resolved paths name; what the item lacks is left out. */
export const projectItem = (item: Item, paths: readonly DocumentPath[]): Item => projectMap(item, treeOf(paths));
