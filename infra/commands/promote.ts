import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { openStage, type StageAccess } from './open-stage.ts';
import { promoteVersion } from './promote-version.ts';
import { readModelVersion, type VersionSubject } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace promote MODEL@VERSION --reason TEXT [--json]
  ${STAGE_USAGE}
millrace promote MODEL@VERSION --from STAGE --to STAGE [--json]
  [--from-profile P] [--from-region R] [--from-endpoint URL] [--to-profile P] [--to-region R] [--to-endpoint URL]

The first ends the canary of a version by giving it all traffic, at the next look of its rollout: a person's decision,
which stands in the audit log. Whoever may approve the version may take it. The second brings a version that is approved
in one stage to another as a new version there: every digest is computed anew on both sides, and bytes that are not what
their digest says are refused by name; the target's own approval rules decide what follows.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine(
  {
    ...STAGE_OPTIONS,
    reason: text,
    json: flag,
    model: text,
    version: text,
    from: text,
    to: text,
    'from-profile': text,
    'from-region': text,
    'from-endpoint': text,
    'to-profile': text,
    'to-region': text,
    'to-endpoint': text,
    help: flag,
  },
  USAGE,
);

/** `MODEL@VERSION`, or the two options that stood for it first. */
const subject = (): VersionSubject =>
  words.length > 0 ? readModelVersion(words) : readModelVersion([`${values.model ?? ''}@${values.version ?? ''}`]);

const accessOf = (side: 'from' | 'to'): StageAccess =>
  Object.fromEntries(
    (['profile', 'region', 'endpoint'] as const).flatMap((key) => {
      const value = values[`${side}-${key}`];
      return value === undefined ? [] : [[key, value]];
    }),
  );

const betweenStages = async ({ model, version }: VersionSubject, from: string, to: string): Promise<void> => {
  const [there, here] = [JSON.stringify([from, accessOf('from')]), JSON.stringify([to, accessOf('to')])];
  if (there === here) throw new InvalidRequestError('--from and --to name the same stage');
  const origin = await readStage({ stage: from, ...accessOf('from') });
  const goal = await readStage({ stage: to, ...accessOf('to') });
  const source = await openStage(from, origin.access);
  const target = await openStage(to, goal.access);
  try {
    const promotion = await promoteVersion({ model, version }, source, target);
    const told =
      `${model}@${version} of ${from} is ${model}@${promotion.version} of ${to}: ${promotion.fileCount} files, ` +
      `${promotion.sizeBytes} bytes, every digest verified; approval there: ${promotion.step}`;
    console.log(values.json ? JSON.stringify(promotion, null, 2) : told);
  } finally {
    source.close();
    target.close();
  }
};

interface RolloutFact {
  readonly rolloutId: string;
  readonly version: number;
  readonly status: string;
}

const notUnderWay = (model: string, newest: RolloutFact | undefined): string =>
  newest === undefined
    ? `no version of ${model} was rolled out yet`
    : `the newest rollout of ${model} is of version ${newest.version}, ${newest.status}`;

const endCanary = async ({ model, version }: VersionSubject, reason: string): Promise<void> => {
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const { items } = (await api.get(`/models/${model}/rollouts?limit=1`)) as { readonly items: readonly RolloutFact[] };
  const [newest] = items;
  if (newest?.status !== 'RUNNING' || newest.version !== version) {
    throw new InvalidStateError(
      `${model}@${version} has no canary under way: ${notUnderWay(model, newest)}; see: millrace status ${model}`,
    );
  }
  const answer = await api.post(`/models/${model}/rollouts/${newest.rolloutId}/promote`, { reason });
  const told = `${model}@${version} gets all traffic at the next look of its rollout; see: millrace status ${model}`;
  console.log(values.json ? JSON.stringify(answer, null, 2) : told);
};

const main = async (): Promise<void> => {
  const { from, to, reason } = values;
  const version = subject();
  if (from !== undefined && to !== undefined) {
    if (reason !== undefined) throw new InvalidRequestError('--reason goes with a canary, not with --from and --to');
    return betweenStages(version, from, to);
  }
  if (from !== undefined || to !== undefined) throw new InvalidRequestError('--from and --to go together');
  if (reason === undefined) {
    throw new InvalidRequestError(
      '--reason is required to end a canary, since it stands in the audit log; --from and --to bring a version to a stage',
    );
  }
  return endCanary(version, reason);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
