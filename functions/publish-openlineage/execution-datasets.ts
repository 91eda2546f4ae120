import { datasetPrefix, driftReportKey, windowProfileKey } from '../../shared/contracts/artifacts.ts';
import type { OpenLineageDataset } from '../../shared/contracts/openlineage.ts';
import type { LineageNode } from '../../shared/core/lineage/index.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import { facet } from './facet.ts';

/** What an execution read and what it made, as OpenLineage's datasets: from the edges that its steps recorded. */

export interface Namespaces {
  /** `s3://<data bucket>`: names are keys. */
  readonly data: string;
  /** The stage's own: names are `models/<model>` and the like. */
  readonly stage: string;
}

const VERSION_FACET = '1-0-1/DatasetVersionDatasetFacet';

const versioned = (namespace: string, name: string, datasetVersion: string): OpenLineageDataset => ({
  namespace,
  name,
  facets: { version: facet(VERSION_FACET, { datasetVersion }) },
});

const splitAt = (id: string, separator: string): readonly [string, string] => {
  const at = id.lastIndexOf(separator);
  return [id.slice(0, at), id.slice(at + 1)];
};

const FOLDERS = { 'feature-view': 'feature-views', evaluation: 'evaluations', deployment: 'deployments' } as const;

/** Undefined for what is a job and not a dataset, and for a dataset of which a snapshot is told instead. */
const datasetOf = (names: Namespaces, { kind, id }: LineageNode): OpenLineageDataset | undefined => {
  const [head, last] = splitAt(id, kind === 'model-version' ? '@' : '/');
  switch (kind) {
    case 'model-version':
      return versioned(names.stage, `models/${head}`, last);
    case 'feature-view':
    case 'evaluation':
    case 'deployment':
      return versioned(names.stage, `${FOLDERS[kind]}/${head}`, last);
    case 'prediction-window':
      return { namespace: names.data, name: windowProfileKey(head, last) };
    default:
      return undefined;
  }
};

const snapshotsOf = async (
  lineage: Pick<LineageStore, 'upstream'>,
  names: Namespaces,
  nodes: readonly LineageNode[],
): Promise<readonly OpenLineageDataset[]> => {
  const snapshots = nodes.filter(({ kind }) => kind === 'dataset-snapshot');
  const found = await Promise.all(
    snapshots.map(async (snapshot) => {
      const { items } = await lineage.upstream(snapshot, { limit: 1 });
      return items.map(({ upstream }) => versioned(names.data, datasetPrefix(upstream.id).slice(0, -1), snapshot.id));
    }),
  );
  return found.flat();
};

/** Most edges of one execution: it has a handful. */
const MOST_EDGES = 100;

export const executionDatasets = async (
  lineage: Pick<LineageStore, 'upstream' | 'downstream'>,
  names: Namespaces,
  node: LineageNode,
): Promise<{ readonly inputs: OpenLineageDataset[]; readonly outputs: OpenLineageDataset[] }> => {
  const page = { limit: MOST_EDGES };
  const [above, below] = await Promise.all([lineage.upstream(node, page), lineage.downstream(node, page)]);
  const sources = above.items.map(({ upstream }) => upstream);
  const made = below.items.map(({ downstream }) => downstream);
  const told = (nodes: readonly LineageNode[]) => nodes.flatMap((one) => datasetOf(names, one) ?? []);
  const [model, day] = splitAt(node.id, '/');
  return {
    inputs: [...(await snapshotsOf(lineage, names, sources)), ...told(sources)],
    outputs: [
      ...told(made),
      ...(node.kind === 'monitor-run' ? [{ namespace: names.data, name: driftReportKey(model, day) }] : []),
    ],
  };
};
