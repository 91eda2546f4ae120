import { ForbiddenError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { TRACKING_ROLES, type TrackingRole, type TrackingToken } from './tracking-token.ts';
import { EVERY_WORKSPACE } from './workspace.ts';

export type Grant = Pick<TrackingToken, 'name' | 'workspaces' | 'role'>;

const covers = (role: TrackingRole, needed: TrackingRole): boolean =>
  TRACKING_ROLES.indexOf(role) >= TRACKING_ROLES.indexOf(needed);

/** @throws ForbiddenError unless the grant covers the workspace and what is done there. */
export const requireAccess = (
  { name, workspaces, role }: Grant,
  asked: { readonly workspace: string; readonly needs: TrackingRole },
): void => {
  if (!workspaces.includes(EVERY_WORKSPACE) && !workspaces.includes(asked.workspace)) {
    throw new ForbiddenError(`the token of ${showValue(name)} is not for workspace ${showValue(asked.workspace)}`);
  }
  if (!covers(role, asked.needs)) {
    throw new ForbiddenError(`the token of ${showValue(name)} has role ${role}, this call needs role ${asked.needs}`);
  }
};
