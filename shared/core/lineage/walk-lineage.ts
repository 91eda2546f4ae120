import type { LineageDirection, LineageEdge, LineageNode } from './edge.ts';

export interface LineageGraph {
  readonly edges: readonly LineageEdge[];
  /** Nodes at which a bound was reached: some of their edges, or all, are missing here. */
  readonly unfinished: readonly UnfinishedNode[];
  readonly truncated: boolean;
}

export interface UnfinishedNode {
  readonly node: LineageNode;
  /** Where to go on reading the node's edges; absent when none of them was read. */
  readonly cursor?: string;
}

export type ReadEdges = (
  node: LineageNode,
  page: { readonly limit: number; readonly cursor?: string },
) => Promise<{ readonly items: readonly LineageEdge[]; readonly nextCursor?: string }>;

const nameOf = ({ kind, id }: LineageNode): string => `${kind} ${id}`;

/**
 * The edges that lead to a node (or that it leads to), breadth first. A node reached twice is read once, so that a cycle
 * ends the walk like any other node.
 * @param depth edges from the first node to the farthest: 1 reads the first node alone.
 * @param cursor where to go on at the first node.
 * @param maxNodes nodes read, and `maxEdges` edges told: what is beyond them is `unfinished`.
 */
export const walkLineage = async ({
  from,
  direction,
  readEdges,
  depth,
  maxNodes,
  maxEdges,
  cursor,
}: {
  readonly from: LineageNode;
  readonly direction: LineageDirection;
  readonly readEdges: ReadEdges;
  readonly depth: number;
  readonly maxNodes: number;
  readonly maxEdges: number;
  readonly cursor?: string;
}): Promise<LineageGraph> => {
  const seen = new Set([nameOf(from)]);
  const edges: LineageEdge[] = [];
  const unfinished: UnfinishedNode[] = [];
  let readCount = 0;

  /** @returns the nodes that were not seen before. */
  const read = async (node: LineageNode): Promise<readonly LineageNode[]> => {
    const limit = maxEdges - edges.length;
    if (readCount === maxNodes || limit === 0) {
      unfinished.push({ node });
      return [];
    }
    const first = readCount === 0 && cursor !== undefined ? { cursor } : {};
    readCount += 1;
    const page = await readEdges(node, { limit, ...first });
    if (page.nextCursor !== undefined) unfinished.push({ node, cursor: page.nextCursor });
    edges.push(...page.items);
    const reached: LineageNode[] = [];
    for (const { [direction]: next } of page.items) {
      if (!seen.has(nameOf(next))) reached.push(next);
      seen.add(nameOf(next));
    }
    return reached;
  };

  let frontier: readonly LineageNode[] = [from];
  for (let level = 0; level < depth && frontier.length > 0; level += 1) {
    const next: LineageNode[] = [];
    for (const node of frontier) next.push(...(await read(node)));
    frontier = next;
  }
  return { edges, unfinished, truncated: unfinished.length > 0 };
};
