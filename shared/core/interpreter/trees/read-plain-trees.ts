import type { Attributes } from '../graph/attributes.ts';
import { type WebAssemblyApi, webAssembly } from '../wasm/web-assembly.ts';
import type { Column } from './comparisons.ts';
import { compiledTrees } from './compiled-trees.ts';
import type { FlatTrees } from './flat-trees.ts';
import {
  FLATTEN_PARAMETERS,
  type FlattenParameter,
  MOST_FLAT_FEATURES,
  UNREAD,
  WORD_ROW_BYTES,
} from './module-layouts.ts';
import { NODE_MODES } from './tree-ensemble.ts';

/** Trees of one target as they are walked, and what else is asked of them before any row. */
export interface PlainTrees {
  readonly flat: FlatTrees;
  /** The bits of each flat leaf's value. */
  readonly values: Int32Array;
  /** One more than the largest feature. */
  readonly featureCount: number;
}

type ListReader = 'integers' | 'floats' | 'words';
type Addresses = Record<FlattenParameter, number>;

interface List {
  readonly parameter: FlattenParameter;
  readonly attribute: string;
  readonly read: ListReader;
}

/** Those of nodes first, then those of weights. */
const LISTS: readonly List[] = [
  { parameter: 'treeIds', attribute: 'nodes_treeids', read: 'integers' },
  { parameter: 'nodeIds', attribute: 'nodes_nodeids', read: 'integers' },
  { parameter: 'features', attribute: 'nodes_featureids', read: 'integers' },
  { parameter: 'modes', attribute: 'nodes_modes', read: 'words' },
  { parameter: 'values', attribute: 'nodes_values', read: 'floats' },
  { parameter: 'trueIds', attribute: 'nodes_truenodeids', read: 'integers' },
  { parameter: 'falseIds', attribute: 'nodes_falsenodeids', read: 'integers' },
  { parameter: 'missing', attribute: 'nodes_missing_value_tracks_true', read: 'integers' },
  { parameter: 'weightTreeIds', attribute: 'target_treeids', read: 'integers' },
  { parameter: 'weightNodeIds', attribute: 'target_nodeids', read: 'integers' },
  { parameter: 'weightTargets', attribute: 'target_ids', read: 'integers' },
  { parameter: 'weights', attribute: 'target_weights', read: 'floats' },
];

/** Lists of float64. */
const TENSORS = ['nodes_values_as_tensor', 'target_weights_as_tensor'];

/** Beyond it, TypeScript is compiled long before the end, and needs less memory at once. */
const MOST_BYTES = 2 ** 25;
const PAGE_BYTES = 65_536;
/** A word's last letters are read by fours: nothing is read beyond the memory. */
const ROOM_BYTES = 16;

type ReadList = (at: number, end: number, into: number, table: number, tableEnd: number) => number;
type Exports = Readonly<Record<ListReader, ReadList>> & { flatten(...parameters: readonly number[]): number };

/** The words as a table that `words` compares with: see WORD_ROW_BYTES. */
const wordTable = (): Int32Array => {
  const rows = NODE_MODES.map((word) => {
    const letters = new Uint8Array(12);
    for (let i = 0; i < word.length; i++) letters[i] = word.charCodeAt(i);
    const view = new DataView(letters.buffer);
    const middle = word.length < 8 ? 0 : view.getInt32(4, true);
    return [word.length, view.getInt32(0, true), middle, view.getInt32(word.length - 4, true)];
  });
  return Int32Array.from(rows.flat());
};

interface Layout {
  /** Where the raw bytes of one list after another stand. */
  readonly raw: number;
  readonly lists: number;
  readonly end: number;
}

const TABLE_BYTES = NODE_MODES.length * WORD_ROW_BYTES;
const aligned = (address: number): number => Math.ceil(address / 16) * 16;

/** An entry takes a byte at least, of a node's mode six; 32 bits when it is read. */
const layOut = (bytes: readonly (Uint8Array | undefined)[]): Layout => {
  const sizes = bytes.map((each) => each?.length ?? 0);
  const nodes = Math.ceil((bytes[3]?.length ?? 0) / 6);
  const lists = aligned(TABLE_BYTES + Math.max(...sizes) + ROOM_BYTES);
  const listBytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
  // Two words, a source and a value for each node; a root and a depth for each tree.
  const flatBytes = 24 * nodes + 12 * MOST_FLAT_FEATURES;
  return { raw: TABLE_BYTES, lists, end: lists + listBytes + flatBytes + ROOM_BYTES };
};

/** @returns how many entries each list has; undefined where one is not read. */
const readLists = (
  bytes: readonly (Uint8Array | undefined)[],
  memory: ArrayBuffer,
  { raw, lists }: Layout,
  { exports, addresses }: { readonly exports: Exports; readonly addresses: Addresses },
): { readonly counts: readonly number[]; readonly end: number } | undefined => {
  const all = new Uint8Array(memory);
  const counts: number[] = [];
  let into = lists;
  for (const [index, { parameter, read }] of LISTS.entries()) {
    const list = bytes[index] ?? new Uint8Array();
    all.set(list, raw);
    const count = exports[read](raw, raw + list.length, into, 0, TABLE_BYTES);
    if (count === UNREAD) return undefined;
    addresses[parameter] = into;
    counts.push(count);
    into += 4 * count;
  }
  return { counts, end: into };
};

/** All lists of nodes and all lists of weights are as long as the first, but that none may track missing values. */
const placeCounts = (counts: readonly number[], addresses: Addresses): boolean => {
  addresses.nodeCount = counts[0] as number;
  addresses.weightCount = counts[LISTS.length - 1] as number;
  if (addresses.nodeCount === 0) return false;
  return LISTS.every(({ parameter }, index) => {
    const count = counts[index] as number;
    if (parameter === 'missing' && count === 0) {
      addresses.missing = 0;
      return true;
    }
    return count === (parameter.startsWith('weight') ? addresses.weightCount : addresses.nodeCount);
  });
};

/** Where what is made goes: behind the lists. */
const placeFlat = (end: number, addresses: Addresses): void => {
  const { nodeCount } = addresses;
  let at = end;
  const place = (parameter: FlattenParameter, words: number): void => {
    addresses[parameter] = at;
    at += 4 * words;
  };
  place('result', 4);
  place('words', 2 * nodeCount);
  place('source', nodeCount);
  place('leafValues', nodeCount);
  place('roots', nodeCount);
  place('depths', nodeCount);
  place('columns', MOST_FLAT_FEATURES);
  place('places', 2 * MOST_FLAT_FEATURES);
};

const takeFlat = (memory: ArrayBuffer, addresses: Addresses, treeCount: number): PlainTrees => {
  const [nodeCount = 0, columnCount = 0, featureCount = 0] = new Int32Array(memory, addresses.result, 3);
  const list = (parameter: FlattenParameter, length: number) =>
    new Int32Array(memory, addresses[parameter], length).slice();
  const columns = Array.from(list('columns', columnCount), (code): Column => {
    const feature = code >>> 1;
    return (code & 1) === 1 ? { kind: 'negated', feature } : { kind: 'feature', feature };
  });
  const flat = {
    columns,
    words: list('words', 2 * nodeCount),
    roots: list('roots', treeCount),
    depths: list('depths', treeCount),
    source: list('source', nodeCount),
  };
  return { flat, values: list('leafValues', nodeCount), featureCount };
};

/**
 * Trees of a regressor with one target in float32, read and made flat by WebAssembly.
 * @returns undefined for trees that are not plain, be they wrong or only unusual, and where there is no WebAssembly:
 * they are read by `readTreeEnsemble`.
 */
export const readPlainTrees = (
  attributes: Attributes,
  { api }: { readonly api: WebAssemblyApi | undefined } = { api: webAssembly },
): PlainTrees | undefined => {
  if (api === undefined || TENSORS.some((name) => attributes.bytes(name) !== undefined)) return undefined;
  const bytes = LISTS.map(({ attribute }) => attributes.bytes(attribute));
  const layout = layOut(bytes);
  if (layout.end > MOST_BYTES) return undefined;
  const memory = new api.Memory({ initial: Math.ceil(layout.end / PAGE_BYTES) });
  new Int32Array(memory.buffer).set(wordTable());
  const { exports } = new api.Instance(compiledTrees(api), { env: { memory } });
  const { flatten, ...readers } = exports as unknown as Exports;
  const addresses = Object.fromEntries(FLATTEN_PARAMETERS.map((name) => [name, 0])) as Addresses;
  const read = readLists(bytes, memory.buffer, layout, { exports: { flatten, ...readers }, addresses });
  if (read === undefined || !placeCounts(read.counts, addresses)) return undefined;
  placeFlat(read.end, addresses);
  const treeCount = flatten(...FLATTEN_PARAMETERS.map((name) => addresses[name]));
  return treeCount === UNREAD ? undefined : takeFlat(memory.buffer, addresses, treeCount);
};
