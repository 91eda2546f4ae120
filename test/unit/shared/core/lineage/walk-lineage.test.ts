import { describe, expect, it } from 'vitest';
import { type LineageEdge, type LineageNode, walkLineage } from '../../../../../shared/core/lineage/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const run = (id: string): LineageNode => ({ kind: 'run', id });
const edge = (up: string, down: string): LineageEdge => ({ upstream: run(up), downstream: run(down), recordedAtMs: 0 });
/** a → b, c → d: a diamond. */
const DIAMOND = [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')];

interface Walk {
  readonly edges?: readonly LineageEdge[];
  readonly direction?: 'upstream' | 'downstream';
  readonly depth?: number;
  readonly maxNodes?: number;
  readonly maxEdges?: number;
  readonly cursor?: string;
}

const walk = async (from: string, { edges = DIAMOND, direction = 'upstream', ...bounds }: Walk = {}) => {
  const visited: string[] = [];
  const readEdges = async (node: LineageNode, { limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    visited.push(node.id);
    const end = direction === 'upstream' ? 'downstream' : 'upstream';
    const all = edges.filter((candidate) => candidate[end].id === node.id).slice(Number(cursor));
    const next = all.length > limit ? { nextCursor: String(Number(cursor) + limit) } : {};
    return { items: all.slice(0, limit), ...next };
  };
  const graph = await walkLineage({
    from: run(from),
    direction,
    readEdges,
    depth: 100,
    maxNodes: 100,
    maxEdges: 100,
    ...bounds,
  });
  return { ...graph, visited };
};

const namesOf = (edges: readonly LineageEdge[]) => edges.map(({ upstream, downstream }) => upstream.id + downstream.id);

describe('walking lineage', () => {
  it('finds every edge on the way and reads a node once', async () => {
    const { edges, visited, truncated, unfinished } = await walk('d');

    expect(edges).toHaveLength(4);
    expect(visited).toEqual(['d', 'b', 'c', 'a']);
    expect({ truncated, unfinished }).toEqual({ truncated: false, unfinished: [] });
  });

  it('goes the other way', async () => {
    const { edges } = await walk('b', { direction: 'downstream' });

    expect(edges).toEqual([edge('b', 'd')]);
  });

  it('goes no farther than it is asked to', async () => {
    const { edges, truncated } = await walk('d', { depth: 1 });

    expect(namesOf(edges)).toEqual(['bd', 'cd']);
    expect(truncated).toBe(false);
  });

  it('ends in a cycle', async () => {
    const { edges, visited } = await walk('a', { edges: [edge('a', 'b'), edge('b', 'a')] });

    expect(visited).toEqual(['a', 'b']);
    expect(edges).toHaveLength(2);
  });

  it('names the nodes that it did not read', async () => {
    const { edges, truncated, unfinished } = await walk('d', { maxNodes: 2 });

    expect(edges).toHaveLength(3);
    expect(truncated).toBe(true);
    expect(unfinished).toEqual([{ node: run('c') }, { node: run('a') }]);
  });

  it('goes on at a node of which it did not read every edge', async () => {
    const first = await walk('d', { maxEdges: 1, depth: 1 });
    const [{ node, cursor = '' } = { node: run('none') }] = first.unfinished;
    const second = await walk(node.id, { depth: 1, cursor });

    expect(namesOf(first.edges)).toEqual(['bd']);
    expect(namesOf(second.edges)).toEqual(['cd']);
    expect(second.truncated).toBe(false);
  });

  it('finds in any graph exactly the edges whose lower ends lead to the node', async () => {
    const letters = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(letters, letters)), async (pairs) => {
        const edges = pairs.map(([up, down]) => edge(up, down));
        const reached = new Set(['a']);
        for (const _ of edges) for (const [up, down] of pairs) if (reached.has(down)) reached.add(up);

        const found = await walk('a', { edges });

        expect(namesOf(found.edges).sort()).toEqual(
          namesOf(edges.filter(({ downstream }) => reached.has(downstream.id))).sort(),
        );
      }),
    );
  });
});
