import {
  DatasetImpactQuery,
  EntityImpactQuery,
  FeatureImpactQuery,
  FeatureNameParameter,
} from '../../shared/contracts/http/platform.ts';
import { datasetNode, modelVersionNode } from '../../shared/contracts/lineage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { LineageGraph } from '../../shared/core/lineage/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { findFeatureUsers } from './find-feature-users.ts';
import { readGraph } from './lineage-route.ts';
import type { PlatformDeps } from './routes.ts';
import { searchEntity } from './search-captures.ts';

/** What a dataset, a feature or a customer touched. */

const VERSIONS_AT_ONCE = 20;

/** Ids of the nodes that edges lead to, by kind. */
const touchedBy = (graphs: readonly LineageGraph[]): Readonly<Record<string, readonly string[]>> => {
  const byKind = new Map<string, Set<string>>();
  for (const { downstream } of graphs.flatMap(({ edges }) => edges)) {
    byKind.set(downstream.kind, (byKind.get(downstream.kind) ?? new Set()).add(downstream.id));
  }
  return Object.fromEntries([...byKind].map(([kind, ids]) => [kind, [...ids].sort()]));
};

export const impactRoutes = ({ lineage, registry, artifacts, captures }: PlatformDeps): readonly Route[] => [
  {
    method: 'GET',
    path: '/lineage/impact/dataset/{id}',
    handle: async (request, { id = '' }) => {
      const asked = parse(DatasetImpactQuery, request.query, 'query');
      const node = datasetNode(id);
      const graph = await readGraph(lineage, node, { ...asked, direction: 'downstream' });
      const { truncated, unfinished } = graph;
      return jsonResponse(200, { node, touched: touchedBy([graph]), truncated, unfinished });
    },
  },
  {
    method: 'GET',
    path: '/lineage/impact/feature/{name}',
    handle: async (request, parameters) => {
      const name = parse(FeatureNameParameter, parameters.name, 'name');
      const { model, cursor } = parse(FeatureImpactQuery, request.query, 'query');
      const { items, nextCursor } = await registry.listVersions(model, VERSIONS_AT_ONCE, cursor);
      const versions = await findFeatureUsers(artifacts, items, name);
      const graphs: LineageGraph[] = [];
      for (const { version } of versions) {
        const below = { direction: 'downstream', depth: 2 } as const;
        graphs.push(await readGraph(lineage, modelVersionNode(model, version), below));
      }
      return jsonResponse(200, {
        model,
        feature: name,
        versions,
        touched: touchedBy(graphs),
        truncated: graphs.some(({ truncated }) => truncated),
        ...(nextCursor === undefined ? {} : { nextCursor }),
      });
    },
  },
  {
    // The value stands in the query, which no access log holds.
    method: 'GET',
    path: '/lineage/impact/entity/{name}',
    handle: async (request, parameters) => {
      const input = parse(FeatureNameParameter, parameters.name, 'name');
      const asked = parse(EntityImpactQuery, request.query, 'query');
      const { model, from, to } = asked;
      return jsonResponse(200, { model, input, from, to, ...(await searchEntity(captures, { input, ...asked })) });
    },
  },
];
