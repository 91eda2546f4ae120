import { freeValues, type OnnxGraph, type OnnxNode } from './read-graph.ts';

/** What is wrong with the wiring of a graph. */

/** So many names of a fault are shown. */
const MOST_NAMED = 5;

export const duplicateNamesOf = ({ nodes, inputs, initializers }: OnnxGraph): readonly string[] => {
  const given = new Set<string>();
  const twice = new Set<string>();
  // An initializer may fill an input of its name.
  const starts = new Set([...inputs.map(({ name }) => name), ...initializers]);
  const names = [...inputs.map(({ name }) => name), ...nodes.flatMap(({ gives }) => gives)];
  for (const name of names) {
    if (given.has(name)) twice.add(name);
    given.add(name);
  }
  for (const { gives } of nodes) for (const name of gives) if (starts.has(name)) twice.add(name);
  const filled = new Set<string>();
  for (const name of initializers) {
    if (filled.has(name)) twice.add(name);
    filled.add(name);
  }
  return [...twice].slice(0, MOST_NAMED);
};

export const danglingValuesOf = (graph: OnnxGraph): readonly string[] => freeValues(graph).slice(0, MOST_NAMED);

/** Values of nodes that can never be computed since each waits for another; the order of nodes does not matter. */
export const cycleOf = ({ nodes }: OnnxGraph): readonly string[] => {
  const giver = new Map<string, number>();
  nodes.forEach(({ gives }, index) => {
    for (const name of gives) giver.set(name, index);
  });
  const waitsFor = nodes.map(
    ({ reads }) => new Set(reads.flatMap((name) => (giver.has(name) ? [giver.get(name) as number] : []))),
  );
  const awaitedBy: number[][] = nodes.map(() => []);
  waitsFor.forEach((others, index) => {
    for (const other of others) awaitedBy[other]?.push(index);
  });
  const ready = waitsFor.flatMap((others, index) => (others.size === 0 ? [index] : []));
  let doneCount = 0;
  for (let at = 0; at < ready.length; at += 1) {
    doneCount += 1;
    const done = ready[at] as number;
    for (const next of awaitedBy[done] ?? []) {
      waitsFor[next]?.delete(done);
      if (waitsFor[next]?.size === 0) ready.push(next);
    }
  }
  if (doneCount === nodes.length) return [];
  const stuck = nodes.filter((_node: OnnxNode, index) => (waitsFor[index]?.size ?? 0) > 0);
  return stuck.flatMap(({ gives }) => gives).slice(0, MOST_NAMED);
};
