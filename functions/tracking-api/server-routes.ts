import { EVERY_WORKSPACE } from '../../shared/core/tracking-access/index.ts';
import type { HttpResponse } from '../../shared/http/index.ts';
import { NotFoundError, NotImplementedError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import type { MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** The release of MLflow that this server speaks like. Clients send spans by OTLP from 3.4 on. */
const MLFLOW_VERSION = '3.6.0';
const WORKSPACES = '/3.0/mlflow/workspaces';

const plainText = (body: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

const allowedWorkspaces = ({ request }: MlflowCall): readonly string[] =>
  String(request.authorizer?.workspaces ?? '').split(',');

const issuedOnly = async (): Promise<never> => {
  throw new NotImplementedError(
    'a workspace begins with the first token that is issued for it, and is not changed here',
  );
};

/** What clients ask of the server itself. */
export const serverRoutes: readonly MlflowRoute[] = [
  { method: 'GET', path: '/health', root: true, open: true, handle: async () => plainText('OK') },
  { method: 'GET', path: '/version', root: true, open: true, handle: async () => plainText(MLFLOW_VERSION) },
  {
    method: 'GET',
    path: '/3.0/mlflow/server-info',
    open: true,
    handle: async () => ({
      // Clients only know the names of MLflow's own stores.
      store_type: 'SqlStore',
      workspaces_enabled: true,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: true,
    }),
  },
  {
    method: 'GET',
    path: WORKSPACES,
    handle: async (call) => {
      const names = allowedWorkspaces(call);
      if (names.includes(EVERY_WORKSPACE)) {
        throw new NotImplementedError('a token for every workspace cannot tell which there are: name one');
      }
      return { workspaces: names.map((name) => ({ name })) };
    },
  },
  {
    method: 'GET',
    path: `${WORKSPACES}/{name}`,
    handle: async (call) => {
      const { name = '' } = call.parameters;
      const names = allowedWorkspaces(call);
      if (names.includes(name) || names.includes(EVERY_WORKSPACE)) return { workspace: { name } };
      throw new NotFoundError(`Workspace ${showValue(name)} not found.`);
    },
  },
  { method: 'POST', path: WORKSPACES, handle: issuedOnly },
  { method: 'PATCH', path: `${WORKSPACES}/{name}`, handle: issuedOnly },
  { method: 'DELETE', path: `${WORKSPACES}/{name}`, handle: issuedOnly },
];
