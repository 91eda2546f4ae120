import type { LineageEdge, LineageNode } from './edge.ts';

export interface LineageGraph {
  readonly edges: readonly LineageEdge[];
  /** True when the bound was reached before the end of the graph. */
  readonly truncated: boolean;
}

/**
 * Every edge that leads to a node (or that it leads to), breadth first, at most `maxNodes` nodes expanded.
 * The graph has no cycles by construction; a node reached twice is expanded once.
 */
export const walkLineage = async ({
  from,
  direction,
  edgesOf,
  maxNodes,
}: {
  readonly from: LineageNode;
  readonly direction: 'upstream' | 'downstream';
  readonly edgesOf: (node: LineageNode) => Promise<readonly LineageEdge[]>;
  readonly maxNodes: number;
}): Promise<LineageGraph> => {
  const seen = new Set([`${from.kind} ${from.id}`]);
  const edges: LineageEdge[] = [];
  let frontier: readonly LineageNode[] = [from];
  let expandedCount = 0;
  while (frontier.length > 0) {
    const next: LineageNode[] = [];
    for (const node of frontier) {
      if (expandedCount === maxNodes) return { edges, truncated: true };
      expandedCount += 1;
      for (const edge of await edgesOf(node)) {
        edges.push(edge);
        const reached = edge[direction];
        const name = `${reached.kind} ${reached.id}`;
        if (seen.has(name)) continue;
        seen.add(name);
        next.push(reached);
      }
    }
    frontier = next;
  }
  return { edges, truncated: false };
};
