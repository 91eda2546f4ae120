import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortName } from '../faults/site-keys.ts';

/**
 * What the template's roles let functions call, whatever a run happens to do: the other half of the list of call sites.
 * By service, since one grant of items or objects covers several operations.
 */

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly FunctionName?: unknown;
    readonly Role?: { readonly 'Fn::GetAtt'?: readonly string[] };
    readonly Policies?: readonly {
      readonly PolicyDocument: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
    }[];
  };
}

/** Lambda, X-Ray, KMS and IAM ask for these on a function's behalf; SQS takes what its asynchronous invocations lost. */
const NOT_CALLED_BY_CODE = new Set(['iam', 'kms', 'logs', 'sqs', 'xray']);
/** IAM's names of services that sign under another. */
const SIGNING_NAMES: Readonly<Record<string, string>> = { cloudwatch: 'monitoring' };

const resourcesOf = (assemblyFolder: string): readonly Readonly<Record<string, Resource>>[] =>
  readdirSync(assemblyFolder)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => JSON.parse(readFileSync(join(assemblyFolder, name), 'utf8')).Resources);

const servicesOf = (role: Resource | undefined): readonly string[] => {
  const statements = (role?.Properties?.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const prefixes = statements.flatMap(({ Action }) => [Action].flat().map((action) => action.split(':')[0] ?? ''));
  return prefixes.filter((prefix) => !NOT_CALLED_BY_CODE.has(prefix)).map((prefix) => SIGNING_NAMES[prefix] ?? prefix);
};

/** `function service` of every grant in an assembly: `shift-traffic lambda`. */
export const grantedServices = (assemblyFolder: string): ReadonlySet<string> => {
  const granted = new Set<string>();
  for (const resources of resourcesOf(assemblyFolder)) {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const [roleId = ''] = Properties?.Role?.['Fn::GetAtt'] ?? [];
      for (const service of servicesOf(resources[roleId])) {
        granted.add(`${shortName(String(Properties?.FunctionName))} ${service}`);
      }
    }
  }
  return granted;
};

/** Grants for what no scenario does. */
const UNPLAYED = new Set([
  // Refusals of the quality gate, which no candidate here fails.
  'record-run events',
  // Model cards, and where a prediction came from: read on demand.
  'platform-api s3',
  // Batch scoring, and a roll-back by hand: asked for now and then.
  'platform-api states',
  'platform-api lambda',
  // Paired scoring of the days of a challenger: none is waiting here.
  'compare-versions s3',
  // Quality below a limit: no label comes to what is predicted here.
  'measure-performance events',
  // What people are told of, and its page: nothing that happens here is told by us.
  'notify-people s3',
  'notify-people sns',
]);

/**
 * Functions beyond the loop that is played: what MLflow's clients call, and what a person asks for now and then. Their
 * stores have suites of their own that fail calls half-way.
 */
const UNPLAYED_FUNCTIONS = new Set([
  'authorize-tracking',
  'check-upload',
  'collect-garbage',
  'compare-reproduction',
  'deliver-webhook',
  'finish-batch-scoring',
  'plan-batch-scoring',
  'prepare-reproduction',
  'request-packaging',
  'roll-back',
  'score-part',
  'tracking-api',
]);

/** Grants that no call site uses: `infer s3` stands for every site `infer s3:… #n`. */
export const neverCalled = (granted: ReadonlySet<string>, callSites: readonly string[]): readonly string[] =>
  [...granted]
    .filter((grant) => !UNPLAYED.has(grant) && !UNPLAYED_FUNCTIONS.has(grant.split(' ', 1)[0] ?? ''))
    .filter((grant) => !callSites.some((site) => site.startsWith(`${grant}:`)))
    .toSorted();
