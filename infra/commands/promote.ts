import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readOptions } from './command-line.ts';
import { openStage, type StageAccess } from './open-stage.ts';
import { promoteVersion } from './promote-version.ts';

const USAGE = `npm run promote -- --model NAME --version N --from STAGE --to STAGE
  [--from-profile P] [--from-region R] [--from-endpoint URL] [--to-profile P] [--to-region R] [--to-endpoint URL]

Brings a version that is approved in one stage to another as a new version there. Every digest is computed anew on both
sides; bytes that are not what their digest says are refused by name. The target's own approval rules decide what
follows. Credentials and region come from the environment, or from a profile for each side.`;

const text = { type: 'string' } as const;
const values = readOptions(
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
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const required = (name: 'model' | 'version' | 'from' | 'to'): string => {
  const value = values[name];
  if (value === undefined) throw new InvalidRequestError(`--${name} is required`);
  return value;
};

const accessOf = (side: 'from' | 'to'): StageAccess =>
  Object.fromEntries(
    (['profile', 'region', 'endpoint'] as const).flatMap((key) => {
      const value = values[`${side}-${key}`];
      return value === undefined ? [] : [[key, value]];
    }),
  );

const main = async (): Promise<void> => {
  const [model, from, to] = [required('model'), required('from'), required('to')];
  const version = Number(required('version'));
  if (!Number.isInteger(version) || version < 1) {
    throw new InvalidRequestError(`--version must be a whole number from 1, got ${values.version}`);
  }
  const [there, here] = [JSON.stringify([from, accessOf('from')]), JSON.stringify([to, accessOf('to')])];
  if (there === here) throw new InvalidRequestError('--from and --to name the same stage');
  const source = await openStage(from, accessOf('from'));
  const target = await openStage(to, accessOf('to'));
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

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
