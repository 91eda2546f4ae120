import type { LineageEdge, LineageNode } from '../core/lineage/index.ts';
import type { Page } from './model-registry.ts';

/** Most edges that one call records: each is two items of one transaction. */
export const MOST_EDGES_RECORDED = 50;
/** Most edges of one page. */
export const MOST_EDGES_READ = 1_000;

export interface EdgePage {
  /** In [1, 1000]. @default 1000 */
  readonly limit?: number;
  readonly cursor?: string;
  /** Only edges that were known at this instant. */
  readonly atMs?: number;
}

/** What led to what. Edges are added and never taken away. */
export interface LineageStore {
  /** Edges that lead to the node. @throws InvalidRequestError for a cursor that this list did not give out. */
  upstream(node: LineageNode, page?: EdgePage): Promise<Page<LineageEdge>>;
  /** Edges that the node leads to. @throws InvalidRequestError for a cursor that this list did not give out. */
  downstream(node: LineageNode, page?: EdgePage): Promise<Page<LineageEdge>>;
  /**
   * Records edges, all or none; one that stands keeps the time at which it was first recorded.
   * @throws ConflictError when contention outlasts 10 seconds.
   */
  record(edges: readonly LineageEdge[]): Promise<void>;
}
