import type { TrackingToken } from '../../shared/core/tracking-access/index.ts';

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const stateOf = ({ revokedAtMs, expiresAtMs }: TrackingToken, nowMs: number): string => {
  if (revokedAtMs !== undefined) return `revoked ${day(revokedAtMs)}`;
  if (expiresAtMs === undefined) return 'valid';
  return nowMs < expiresAtMs ? `valid until ${day(expiresAtMs)}` : `expired ${day(expiresAtMs)}`;
};

/** Tokens as lines of aligned columns. */
export const tokenTable = (tokens: readonly TrackingToken[], nowMs: number): string => {
  const rows = [
    ['NAME', 'ROLE', 'WORKSPACES', 'CREATED', 'STATE'],
    ...tokens.map((token) => [
      token.name,
      token.role,
      token.workspaces.join(','),
      day(token.createdAtMs),
      stateOf(token, nowMs),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
