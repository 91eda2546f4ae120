import type { LineageEdge, LineageNode, LineageNodeKind } from '../lineage/index.ts';

/** From data to run, version, rollout and the windows that were watched: one row a version, newest first. */
export interface LineagePicture {
  readonly rows: readonly LineageRow[];
}

export interface LineageRow {
  readonly version: number;
  readonly serving: boolean;
  /** Snapshots that its run learnt from, by their digests. */
  readonly snapshots: readonly string[];
  readonly runId?: string;
  /** Oldest first. */
  readonly rollouts: readonly LineageRollout[];
  /** Windows of predictions that it answered. */
  readonly windows?: { readonly count: number; readonly first: string; readonly last: string };
}

export interface LineageRollout {
  readonly rolloutId: string;
  /** It made the version the one in service. */
  readonly deployed: boolean;
}

const MOST_ROWS = 8;
const MOST_ROLLOUTS = 3;

const sameNode = (a: LineageNode, b: LineageNode): boolean => a.kind === b.kind && a.id === b.id;

const ofKind = (kind: LineageNodeKind) => (node: LineageNode) => node.kind === kind;

const VERSION = /^(.+)@(\d+)$/;
const withoutModel = (id: string): string => id.slice(id.indexOf('/') + 1);

/** Each edge once, however often it was read. */
const distinct = (edges: readonly LineageEdge[]): readonly LineageEdge[] => {
  const byName = new Map(
    edges.map((edge) => [
      JSON.stringify([edge.upstream.kind, edge.upstream.id, edge.downstream.kind, edge.downstream.id]),
      edge,
    ]),
  );
  return [...byName.values()].toSorted((a, b) => a.recordedAtMs - b.recordedAtMs);
};

/** Undefined where no version of the model is among the edges. */
export const lineagePicture = (
  model: string,
  given: readonly LineageEdge[],
  servingVersion: number | undefined,
): LineagePicture | undefined => {
  const edges = distinct(given);
  const upOf = (node: LineageNode) =>
    edges.flatMap(({ upstream, downstream }) => (sameNode(downstream, node) ? [upstream] : []));
  const downOf = (node: LineageNode) =>
    edges.flatMap(({ upstream, downstream }) => (sameNode(upstream, node) ? [downstream] : []));
  const versions = new Set(
    edges
      .flatMap(({ upstream, downstream }) => [upstream, downstream])
      .filter(ofKind('model-version'))
      .flatMap(({ id }) => {
        const [, name, number] = VERSION.exec(id) ?? [];
        return name === model && number !== undefined ? [Number(number)] : [];
      }),
  );
  if (versions.size === 0) return undefined;
  const rowOf = (version: number): LineageRow => {
    const node = { kind: 'model-version', id: `${model}@${version}` } as const;
    const run = upOf(node).find(ofKind('run'));
    const after = downOf(node);
    const days = after
      .filter(ofKind('prediction-window'))
      .map(({ id }) => withoutModel(id))
      .toSorted();
    const [first, last] = [days[0], days.at(-1)];
    return {
      version,
      serving: version === servingVersion,
      snapshots:
        run === undefined
          ? []
          : upOf(run)
              .filter(ofKind('dataset-snapshot'))
              .map(({ id }) => id),
      ...(run === undefined ? {} : { runId: withoutModel(run.id) }),
      rollouts: after
        .filter(ofKind('rollout'))
        .slice(-MOST_ROLLOUTS)
        .map((rollout) => ({
          rolloutId: withoutModel(rollout.id),
          deployed: downOf(rollout).some(ofKind('deployment')),
        })),
      ...(first === undefined || last === undefined ? {} : { windows: { count: days.length, first, last } }),
    };
  };
  return {
    rows: [...versions]
      .toSorted((a, b) => b - a)
      .slice(0, MOST_ROWS)
      .map(rowOf),
  };
};
