import { LineageKindParameter, LineageQuery, VersionParameter } from '../../shared/contracts/http/platform.ts';
import { datasetSnapshotNode, deploymentNode, modelVersionNode, runNode } from '../../shared/contracts/lineage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type LineageNode, walkLineage } from '../../shared/core/lineage/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import type { PlatformDeps } from './routes.ts';

/** Enough for a model's whole history of a year, little enough for one answer. */
const MOST_NODES = 200;
/** Ids are digests, execution names and such; a longer one would exceed what a key of DynamoDB may have. */
const LONGEST_ID = 256;

const nodeOf = (model: string, kind: LineageNode['kind'], id: string): LineageNode => {
  switch (kind) {
    case 'dataset-snapshot':
      return datasetSnapshotNode(id);
    case 'run':
      return runNode(model, id);
    case 'model-version':
      return modelVersionNode(model, parse(VersionParameter, id, 'version'));
    case 'deployment':
      return deploymentNode(model, id);
  }
};

/** From a deployment up to its data, or from data down to what serves: the whole way in one answer. */
export const lineageRoute = ({ lineage }: PlatformDeps): Route => ({
  method: 'GET',
  path: '/models/{model}/lineage/{kind}/{id}',
  handle: async (request, { model = '', kind, id = '' }) => {
    const { direction } = parse(LineageQuery, request.query, 'query');
    const node = nodeOf(model, parse(LineageKindParameter, kind, 'kind'), id);
    if (id.length > LONGEST_ID) throw new NotFoundError(`${node.kind} ${shorten(node.id)} has no lineage`);
    const graph = await walkLineage({
      from: node,
      direction,
      edgesOf: direction === 'upstream' ? lineage.upstream : lineage.downstream,
      maxNodes: MOST_NODES,
    });
    if (graph.edges.length === 0) {
      // An end of the graph has edges the other way; a node that has none at all was never recorded.
      const opposite = await (direction === 'upstream' ? lineage.downstream : lineage.upstream)(node);
      if (opposite.length === 0) throw new NotFoundError(`${node.kind} ${shorten(node.id, 200)} has no lineage`);
    }
    return jsonResponse(200, { node, direction, ...graph });
  },
});
