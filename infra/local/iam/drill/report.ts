import { exemption } from './exempt.ts';
import { type GrantState, grantKey, type SceneResult, type StackGrant } from './play-scene.ts';

/** Least privilege, with its evidence: every permission of the templates, and the scene that needed it. */

export interface GrantReport {
  readonly grant: StackGrant;
  readonly state: GrantState;
  /** The first scene in which a request was allowed by nothing else. */
  readonly neededIn?: string;
  /** Why it may be without a use. */
  readonly exemption?: string;
}

export interface UsageReport {
  readonly grants: readonly GrantReport[];
  /** Refusals in a run of the complete template: there must be none. */
  readonly denials: readonly string[];
  /** Scenes that did not run to their end, and why. */
  readonly failures: readonly string[];
}

const RANK: Readonly<Record<GrantState, number>> = { unused: 0, redundant: 1, needed: 2 };

const reportGrant = (grant: StackGrant, results: ReadonlyMap<string, SceneResult>): GrantReport => {
  const key = grantKey(grant);
  let state: GrantState = 'unused';
  let neededIn: string | undefined;
  for (const [scene, { states }] of results) {
    const here = states.get(key) ?? 'unused';
    if (RANK[here] > RANK[state]) state = here;
    if (here === 'needed') neededIn ??= scene;
  }
  const reason = state === 'needed' ? undefined : exemption(grant.logicalId, grant.action);
  return {
    grant,
    state,
    ...(neededIn === undefined ? {} : { neededIn }),
    ...(reason === undefined ? {} : { exemption: reason }),
  };
};

export const reportUsage = (grants: readonly StackGrant[], results: ReadonlyMap<string, SceneResult>): UsageReport => ({
  grants: grants.map((grant) => reportGrant(grant, results)),
  denials: [...results].flatMap(([scene, { denials }]) =>
    denials.map(({ user, action, resource }) => `${scene}: ${user} was denied ${action} on ${resource}`),
  ),
  failures: [...results].flatMap(([scene, { failure }]) => (failure === undefined ? [] : [`${scene}: ${failure}`])),
});

/** What must not be: a permission that no scene needs and no exemption names. */
export const superfluous = ({ grants }: UsageReport): readonly GrantReport[] =>
  grants.filter(({ state, exemption: reason }) => state !== 'needed' && reason === undefined);

export const describeGrant = ({ stackName, logicalId, policy, statement, action }: StackGrant): string =>
  `${stackName}/${logicalId} ${policy}[${statement}] ${action}`;

const lineOf = ({ grant, state, neededIn, exemption: reason }: GrantReport): string => {
  const evidence = neededIn === undefined ? `${state}${reason === undefined ? '' : ` (exempt: ${reason})`}` : neededIn;
  return `    ${grant.action}[${grant.statement}]: ${evidence}`;
};

/** The report as text: by holder, each permission with the scene that needs it. */
export const renderUsage = (report: UsageReport): string => {
  const byHolder = Map.groupBy(report.grants, ({ grant }) => `${grant.stackName}/${grant.logicalId}`);
  const holders = [...byHolder].map(([holder, grants]) => [`  ${holder}`, ...grants.map(lineOf)].join('\n'));
  const count = (state: GrantState): number => report.grants.filter((one) => one.state === state).length;
  const exempt = report.grants.filter((one) => one.exemption !== undefined).length;
  const bad = superfluous(report).map(({ grant }) => `  ${describeGrant(grant)}`);
  return [
    ...holders,
    `${report.grants.length} permissions: ${count('needed')} needed, ${exempt} exempt, ${bad.length} superfluous`,
    ...bad,
    ...report.denials.map((line) => `denied: ${line}`),
    ...report.failures.map((line) => `failed: ${line}`),
  ].join('\n');
};
