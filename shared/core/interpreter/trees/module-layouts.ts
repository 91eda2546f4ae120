/**
 * What the WebAssembly of trees and TypeScript agree upon. It stands apart from the code that writes the modules, which
 * no deployed function needs.
 */

/** Trees that are walked at once. */
export const GROUP_TREES = 8;
/** A group: the address of each tree's root, the steps they all take, and the address that each leaf is written to. */
export const GROUP_BYTES = 4 * (GROUP_TREES + 1 + GROUP_TREES);
export const NODE_BYTES = 8;
/** The bits of a leaf's threshold. */
export const NAN = 0x7fc00000;

/** Leaves of a tree at most: one for each bit of a mask. */
export const MASK_BITS = 32;
export const MASK_NODE_BYTES = 12;
/** Values of one tree. */
export const MASK_VALUES_BYTES = 4 * MASK_BITS;
/** Rows that go through a tree at once. */
export const MASK_ROWS = 16;

/** What a list or a whole ensemble is answered with that is left to TypeScript. */
export const UNREAD = -1;

/**
 * A row of the table of words: the length of a word of 4 or of 8 to 12 letters, and its letters 0 to 3, 4 to 7 (0 in a
 * short one) and its last four: all of them.
 */
export const WORD_ROW_BYTES = 16;

/** Features and columns of trees that WebAssembly makes flat: a column has 16 bits, in bytes. */
export const MOST_FLAT_FEATURES = 2 ** 14;

/** The parameters of `flatten`: addresses of lists of 32 bits an entry, and counts. */
export const FLATTEN_PARAMETERS = [
  'nodeCount',
  'treeIds',
  'nodeIds',
  'features',
  'modes',
  'values',
  /** Of leaves, their weight is written here. */
  'trueIds',
  'falseIds',
  /** 0 where no node tracks missing values. */
  'missing',
  'weightCount',
  'weightTreeIds',
  'weightNodeIds',
  'weightTargets',
  'weights',
  'words',
  'source',
  'leafValues',
  'roots',
  'depths',
  /** Twice each column's feature, one more for its negation. */
  'columns',
  /** Two zeros for each feature. */
  'places',
  /** How many flat nodes, columns and features there are. */
  'result',
] as const;
export type FlattenParameter = (typeof FLATTEN_PARAMETERS)[number];
