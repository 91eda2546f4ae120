import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openStage, type StageAccess } from './open-stage.ts';
import { promoteVersion } from './promote-version.ts';
import { readModelVersion, type VersionSubject } from './read-subject.ts';
import { readStage } from './stage-access.ts';

const USAGE = `millrace promote MODEL@VERSION --from STAGE --to STAGE
  [--from-profile P] [--from-region R] [--from-endpoint URL] [--to-profile P] [--to-region R] [--to-endpoint URL]

Brings a version that is approved in one stage to another as a new version there. Every digest is computed anew on both
sides; bytes that are not what their digest says are refused by name. The target's own approval rules decide what
follows. Credentials and region come from the environment, or from a profile for each side.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine(
  {
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
    console.log(
      `${model}@${version} of ${from} is ${model}@${promotion.version} of ${to}: ${promotion.fileCount} files, ` +
        `${promotion.sizeBytes} bytes, every digest verified; approval there: ${promotion.step}`,
    );
  } finally {
    source.close();
    target.close();
  }
};

const main = async (): Promise<void> => {
  const { from, to } = values;
  const version = subject();
  if (from === undefined || to === undefined) throw new InvalidRequestError('--from and --to are required');
  await betweenStages(version, from, to);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
