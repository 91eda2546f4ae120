import type { TrackingRole } from '../../shared/core/tracking-access/index.ts';
import type { MlflowRoute } from './mlflow-route.ts';

/** MLflow sends what is too long for a query by POST: the last part of such a path tells that it only reads. */
const READING_POSTS: ReadonlySet<string> = new Set([
  'search',
  'search-datasets',
  'get-latest-versions',
  'get-history-bulk',
  'presigned-download-url',
  'batchGet',
]);

/** What leads data out of the workspace, or adds to the workspaces. */
const ADMINISTERED = /^\/\d\.0\/mlflow\/(webhooks|workspaces)(\/|$)/;

/** The role that a route asks for. A route that is not known to read is taken to write. */
export const neededRole = ({ method, path }: Pick<MlflowRoute, 'method' | 'path'>): TrackingRole => {
  if (method === 'GET') return 'read';
  if (ADMINISTERED.test(path)) return 'admin';
  return method === 'POST' && READING_POSTS.has(path.slice(path.lastIndexOf('/') + 1)) ? 'read' : 'write';
};
