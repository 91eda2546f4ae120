import { InvalidRequestError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import { childrenFirst } from './depth-first.ts';
import type { Graph, GraphNode } from './graph/read-graph.ts';

const giversOf = (nodes: readonly GraphNode[]): ReadonlyMap<string, GraphNode> => {
  const givers = new Map<string, GraphNode>();
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (givers.has(name)) throw new InvalidRequestError(`two nodes give ${shorten(name)}`);
      givers.set(name, node);
    }
  }
  return givers;
};

/**
 * The nodes that the outputs need, each after those that it reads from.
 * @throws InvalidRequestError for nodes that wait for each other.
 */
export const sortNodes = ({ nodes, outputs }: Pick<Graph, 'nodes' | 'outputs'>): readonly GraphNode[] => {
  const givers = giversOf(nodes);
  const giversAt = (names: readonly string[]): readonly GraphNode[] => names.flatMap((name) => givers.get(name) ?? []);
  const sorted = childrenFirst(giversAt(outputs.map(({ name }) => name)), ({ inputs }) => giversAt(inputs));
  if (sorted === undefined) throw new InvalidRequestError('nodes of the graph wait for each other');
  return sorted;
};
