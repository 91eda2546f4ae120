import { requireAccess, TRACKING_ROLES } from '../../shared/core/tracking-access/index.ts';
import type { HttpRequest } from '../../shared/http/index.ts';
import { UnauthenticatedError } from '../../shared/kernel/errors.ts';
import type { MlflowRoute } from './mlflow-route.ts';
import { neededRole } from './needed-role.ts';

/**
 * Who calls, by what the authoriser said of the token: `principalId`, and in its context `role`, `workspaces` (comma
 * between) and `expiresAtMs`. API Gateway keeps an answer of the authoriser for minutes, so expiry is looked at here.
 * @throws UnauthenticatedError, ForbiddenError
 */
export const admit = (
  { authorizer, principal }: HttpRequest,
  { workspace, route, nowMs }: { readonly workspace: string; readonly route: MlflowRoute; readonly nowMs: number },
): string => {
  if (route.open) return principal ?? 'anonymous';
  const role = TRACKING_ROLES.find((one) => one === authorizer?.role);
  const workspaces = authorizer?.workspaces;
  if (principal === undefined || role === undefined || typeof workspaces !== 'string') {
    throw new UnauthenticatedError('the request came past the authoriser');
  }
  const { expiresAtMs } = authorizer ?? {};
  if (expiresAtMs !== undefined && nowMs >= Number(expiresAtMs))
    throw new UnauthenticatedError('the token has expired');
  requireAccess({ name: principal, workspaces: workspaces.split(','), role }, { workspace, needs: neededRole(route) });
  return principal;
};
