import type { Denial } from './access-denied.ts';

/** Which permissions were used, and what was denied: what a run of the platform shows of its policies. */

export interface GrantUse {
  /** Name of the role, or the ARN of the resource whose policy allowed. */
  readonly holder: string;
  /** Name of the policy within a role; `resource` for a resource's own. */
  readonly policy: string;
  /** Position in the policy. */
  readonly statement: number;
  readonly sid?: string;
  /** As the statement writes them. */
  readonly action: string;
  readonly resource: string;
  /** What was asked for when it was first used. */
  readonly example: string;
  /** Nothing else allowed at least one of the requests: without this permission it would have been denied. */
  readonly needed: boolean;
}

export interface UsageRecorder {
  record(use: GrantUse): void;
  recordDenial(denial: Denial): void;
  uses(): readonly GrantUse[];
  /** The first thousand. */
  denials(): readonly Denial[];
  /** Told of every denial. */
  onDenied(listener: (denial: Denial) => void): void;
}

const MAX_DENIALS = 1_000;

export const createUsageRecorder = (): UsageRecorder => {
  const byGrant = new Map<string, GrantUse>();
  const denials: Denial[] = [];
  const listeners: ((denial: Denial) => void)[] = [];
  return {
    record: (use) => {
      const key = `${use.holder}\n${use.policy}\n${use.sid ?? use.statement}\n${use.action}\n${use.resource}`;
      const known = byGrant.get(key);
      if (known === undefined || (use.needed && !known.needed)) byGrant.set(key, use);
    },
    recordDenial: (denial) => {
      if (denials.length < MAX_DENIALS) denials.push(denial);
      for (const listener of listeners) listener(denial);
    },
    uses: () => [...byGrant.keys()].toSorted().flatMap((key) => byGrant.get(key) ?? []),
    denials: () => denials,
    onDenied: (listener) => listeners.push(listener),
  };
};
