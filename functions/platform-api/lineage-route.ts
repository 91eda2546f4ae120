import { LineageKindParameter, LineageQuery, VersionParameter } from '../../shared/contracts/http/platform.ts';
import {
  batchScoringNode,
  datasetNode,
  datasetSnapshotNode,
  deploymentNode,
  evaluationNode,
  featureViewNode,
  modelVersionNode,
  monitorRunNode,
  predictionWindowNode,
  rolloutNode,
  runNode,
} from '../../shared/contracts/lineage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type LineageGraph, type LineageNode, walkLineage } from '../../shared/core/lineage/index.ts';
import { type HttpRequest, type HttpResponse, jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { PlatformDeps } from './routes.ts';

/** Enough for a model's whole history of a year, little enough for one answer. */
const MOST_NODES = 200;
const MOST_EDGES = 1_000;
/** Ids are digests, execution names and such; a longer one would exceed what a key of DynamoDB may have. */
const LONGEST_ID = 256;

const NODE_OF: Readonly<
  Record<Exclude<LineageNode['kind'], 'model-version'>, (model: string, id: string) => LineageNode>
> = {
  dataset: (_model, id) => datasetNode(id),
  'dataset-snapshot': (_model, id) => datasetSnapshotNode(id),
  'feature-view': featureViewNode,
  run: runNode,
  evaluation: evaluationNode,
  rollout: rolloutNode,
  deployment: deploymentNode,
  'prediction-window': predictionWindowNode,
  'monitor-run': monitorRunNode,
  'batch-scoring': batchScoringNode,
};

const nodeOf = (model: string, kind: LineageNode['kind'], id: string): LineageNode =>
  kind === 'model-version' ? modelVersionNode(model, parse(VersionParameter, id, 'version')) : NODE_OF[kind](model, id);

export interface GraphRequest {
  readonly direction: 'upstream' | 'downstream';
  /** Edges from the node to the farthest one told. */
  readonly depth: number;
  /** Only what was known at this instant. */
  readonly at?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The graph on one side of a node. @throws NotFoundError for a node that has no edge at all. */
export const readGraph = async (
  lineage: LineageStore,
  node: LineageNode,
  { direction, depth, at, cursor }: GraphRequest,
): Promise<LineageGraph> => {
  if (node.id.length > LONGEST_ID) throw new NotFoundError(`${node.kind} ${shorten(node.id)} has no lineage`);
  const known = at === undefined ? {} : { atMs: at };
  const graph = await walkLineage({
    from: node,
    direction,
    readEdges: (one, page) => lineage[direction](one, { ...page, ...known }),
    depth,
    maxNodes: MOST_NODES,
    maxEdges: MOST_EDGES,
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (graph.edges.length === 0 && cursor === undefined) {
    // An end of the graph has edges the other way; a node that has none at all was never recorded.
    const opposite = direction === 'upstream' ? lineage.downstream : lineage.upstream;
    const { items } = await opposite(node, { limit: 1, ...known });
    if (items.length === 0) throw new NotFoundError(`${node.kind} ${shorten(node.id, 200)} has no lineage`);
  }
  return graph;
};

const answer = async (lineage: LineageStore, node: LineageNode, request: HttpRequest): Promise<HttpResponse> => {
  const asked = parse(LineageQuery, request.query, 'query');
  const { direction } = asked;
  return jsonResponse(200, { node, direction, ...(await readGraph(lineage, node, asked)) });
};

/**
 * From a deployment up to its data, or from data down to what serves: the whole way in one answer, or as far as `depth`
 * says, now or as it was known at an instant. A node is named by its whole id (`/lineage/run/toy/run-1`), or below its
 * model (`/models/toy/lineage/run/run-1`).
 */
export const lineageRoutes = ({ lineage }: PlatformDeps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/lineage/{kind}/{id}',
    handle: (request, { model = '', kind, id = '' }) =>
      answer(lineage, nodeOf(model, parse(LineageKindParameter, kind, 'kind'), id), request),
  },
  {
    method: 'GET',
    path: '/lineage/{kind}/{id+}',
    handle: (request, { kind, id = '' }) =>
      answer(lineage, { kind: parse(LineageKindParameter, kind, 'kind'), id }, request),
  },
];
