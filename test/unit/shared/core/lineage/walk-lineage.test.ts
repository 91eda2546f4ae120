import { describe, expect, it } from 'vitest';
import { type LineageEdge, type LineageNode, walkLineage } from '../../../../../shared/core/lineage/index.ts';

const run = (id: string): LineageNode => ({ kind: 'run', id });
const edge = (up: string, down: string): LineageEdge => ({ upstream: run(up), downstream: run(down), recordedAtMs: 0 });
/** a → b, c → d: a diamond. */
const EDGES = [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')];

const walk = (from: string, direction: 'upstream' | 'downstream', maxNodes = 100) => {
  const expanded: string[] = [];
  const edgesOf = async (node: LineageNode) => {
    expanded.push(node.id);
    const end = direction === 'upstream' ? 'downstream' : 'upstream';
    return EDGES.filter((candidate) => candidate[end].id === node.id);
  };
  return walkLineage({ from: run(from), direction, edgesOf, maxNodes }).then((graph) => ({ ...graph, expanded }));
};

describe('walking lineage', () => {
  it('finds every edge on the way and expands a node once', async () => {
    const { edges, expanded, truncated } = await walk('d', 'upstream');

    expect(edges).toHaveLength(4);
    expect(expanded).toEqual(['d', 'b', 'c', 'a']);
    expect(truncated).toBe(false);
  });

  it('goes the other way', async () => {
    const { edges } = await walk('b', 'downstream');

    expect(edges).toEqual([edge('b', 'd')]);
  });

  it('says when it stopped at its bound', async () => {
    const { edges, truncated } = await walk('d', 'upstream', 2);

    expect(edges).toHaveLength(3);
    expect(truncated).toBe(true);
  });
});
