import { fulfils } from './comparisons.ts';
import type { FlatTrees } from './flat-trees.ts';
import { NODE_MODES, type NodeMode, type TreeEnsemble } from './tree-ensemble.ts';

/** Finds the leaf that a row reaches in each tree. Rows are written first, then walked; nothing is kept between rows. */
export interface LeafFinder {
  /**
   * @param row `columnCount` numbers from `offset` on.
   * @returns each tree's leaf as a place in the ensemble's arrays; the same array each time.
   */
  find(row: ArrayLike<number>, offset: number): Int32Array;
}

/** Walks trees as the model gives them: for what the flat form does not hold. */
export const createPlainFinder = ({ nodes, roots }: TreeEnsemble): LeafFinder => {
  const leaves = new Int32Array(roots.length);
  const condition = (at: number) => ({
    mode: NODE_MODES[nodes.mode[at] as number] as NodeMode,
    threshold: nodes.threshold[at] as number,
    missingTracksTrue: nodes.missingTracksTrue[at] === 1,
  });
  const conditions = Array.from(nodes.mode, (_, at) => condition(at));
  return {
    find: (row, offset) => {
      for (let tree = 0; tree < roots.length; tree++) {
        let at = roots[tree] as number;
        for (let next = nodes.trueChild[at] as number; next >= 0; next = nodes.trueChild[at] as number) {
          const holds = fulfils(row[offset + (nodes.feature[at] as number)] as number, conditions[at] as never);
          at = holds ? next : (nodes.falseChild[at] as number);
        }
        leaves[tree] = at;
      }
      return leaves;
    },
  };
};

/** Writes a row's columns: what the flat trees compare. */
export const columnWriter = ({
  columns,
}: FlatTrees): ((row: ArrayLike<number>, offset: number, into: Float32Array, at: number) => void) => {
  const features = Int32Array.from(columns, ({ feature }) => feature);
  const flags = columns.flatMap((column, index) => (column.kind === 'flag' ? [{ column, index }] : []));
  const signs = Float32Array.from(columns, ({ kind }) => (kind === 'negated' ? -1 : 1));
  return (row, offset, into, at) => {
    for (let i = 0; i < features.length; i++) {
      into[at + i] = (row[offset + (features[i] as number)] as number) * (signs[i] as number);
    }
    for (const { column, index } of flags) {
      into[at + index] = fulfils(row[offset + column.feature] as number, column) ? 0 : 1;
    }
  };
};

/** Walks flat trees in plain TypeScript: where there is no WebAssembly. */
export const createFlatFinder = (trees: FlatTrees): LeafFinder => {
  const { words, roots, source } = trees;
  const thresholds = new Float32Array(words.buffer);
  const leaves = new Int32Array(roots.length);
  const columns = new Float32Array(Math.max(1, trees.columns.length));
  const write = columnWriter(trees);
  return {
    find: (row, offset) => {
      write(row, offset, columns, 0);
      for (let tree = 0; tree < roots.length; tree++) {
        let at = roots[tree] as number;
        for (let word = words[2 * at + 1] as number; word !== 0; word = words[2 * at + 1] as number) {
          const holds = (columns[(word & 0xffff) >>> 2] as number) <= (thresholds[2 * at] as number);
          at += (word >>> 16) + (holds ? 1 : 0);
        }
        leaves[tree] = source[at] as number;
      }
      return leaves;
    },
  };
};
