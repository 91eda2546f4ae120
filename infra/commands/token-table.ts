import type { TrackingToken } from '../../shared/core/tracking-access/index.ts';
import { textTable } from './text-table.ts';

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const stateOf = ({ revokedAtMs, expiresAtMs }: TrackingToken, nowMs: number): string => {
  if (revokedAtMs !== undefined) return `revoked ${day(revokedAtMs)}`;
  if (expiresAtMs === undefined) return 'valid';
  return nowMs < expiresAtMs ? `valid until ${day(expiresAtMs)}` : `expired ${day(expiresAtMs)}`;
};

/** Tokens as lines of aligned columns. */
export const tokenTable = (tokens: readonly TrackingToken[], nowMs: number): string =>
  textTable([
    ['NAME', 'ROLE', 'WORKSPACES', 'CREATED', 'STATE'],
    ...tokens.map((token) => [
      token.name,
      token.role,
      token.workspaces.join(','),
      day(token.createdAtMs),
      stateOf(token, nowMs),
    ]),
  ]);
