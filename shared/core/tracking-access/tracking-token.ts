import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { checkWorkspace, EVERY_WORKSPACE } from './workspace.ts';

/** `read` reads, `write` writes too, `admin` may also manage what leads out of the workspace: webhooks. */
export const TRACKING_ROLES = ['read', 'write', 'admin'] as const;
export type TrackingRole = (typeof TRACKING_ROLES)[number];

/** Who may call the tracking API. The token's text is known to its holder alone: only its digest is stored. */
export interface TrackingToken {
  /** The principal that stands on what is written with it. */
  readonly name: string;
  /** Names, or `*` alone. */
  readonly workspaces: readonly string[];
  readonly role: TrackingRole;
  readonly createdAtMs: number;
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
/** So many fit, with all their paths, into the policy that API Gateway takes from an authoriser. */
export const MOST_WORKSPACES = 8;

/** Says at a glance what a leaked text is, and lets scanners of secrets find it. */
export const TOKEN_PREFIX = 'mlr_';
const TEXT = /^mlr_[A-Za-z0-9_-]{43}$/;

/** Whether a text can be a token: 32 bytes in base64url behind the prefix. Anything else need not be looked up. */
export const isTokenText = (text: string): boolean => TEXT.test(text);

const checkWorkspaces = (workspaces: readonly string[]): readonly string[] => {
  if (workspaces.length === 1 && workspaces[0] === EVERY_WORKSPACE) return workspaces;
  if (workspaces.length === 0 || workspaces.length > MOST_WORKSPACES) {
    throw new InvalidRequestError(
      `a token is for 1 to ${MOST_WORKSPACES} workspaces, or for ${EVERY_WORKSPACE}, got ${workspaces.length}`,
    );
  }
  return [...new Set(workspaces.map(checkWorkspace))];
};

/**
 * A token as it is asked for.
 * @throws InvalidRequestError that names what cannot be.
 */
export const newTrackingToken = (request: {
  readonly name: string;
  readonly workspaces: readonly string[];
  readonly role: string;
  readonly createdAtMs: number;
  readonly expiresAtMs?: number;
}): TrackingToken => {
  const { name, role: asked, createdAtMs, expiresAtMs } = request;
  if (!NAME.test(name)) {
    throw new InvalidRequestError(
      `name must be 1 to 64 letters, digits and ._@- and start with a letter or digit, got ${showValue(name)}`,
    );
  }
  const role = TRACKING_ROLES.find((one) => one === asked);
  if (role === undefined) {
    throw new InvalidRequestError(`role must be one of ${TRACKING_ROLES.join(', ')}, got ${showValue(asked)}`);
  }
  if (expiresAtMs !== undefined && expiresAtMs <= createdAtMs) {
    throw new InvalidRequestError('a token must expire in the future');
  }
  return {
    name,
    workspaces: checkWorkspaces(request.workspaces),
    role,
    createdAtMs,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
};

/** Whether a token still opens anything. */
export const isTokenLive = ({ expiresAtMs, revokedAtMs }: TrackingToken, nowMs: number): boolean =>
  revokedAtMs === undefined && (expiresAtMs === undefined || nowMs < expiresAtMs);
