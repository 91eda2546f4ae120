import { resolve } from 'node:path';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';
import { writePages } from './write-pages.ts';

const USAGE = `millrace pages [MODEL] [--out FOLDER] [--json]
  ${STAGE_USAGE}

Writes the pages of a stage's models as files for a browser: all models, the worst first, and of each (or of MODEL) its
distributions against the reference, drift by feature and day, quality over time, canary, slices, tests, retraining,
lineage, notifications and ML Test Score. They are made of what is on record now; the drift check leaves the same pages
in the stage's data bucket, below pages/.

  --out FOLDER  where to write them (default .millrace/pages/<stage>)
  --json        the data of the pages, printed instead of written`;

const { values, words } = readCommandLine(
  {
    ...STAGE_OPTIONS,
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const main = async (): Promise<void> => {
  const asked = words.length === 0 ? undefined : readModelName(words);
  if (values.out === '') throw new InvalidRequestError('--out must name a folder, got nothing');
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  if (values.json) {
    const path = asked === undefined ? '/pages' : `/pages/${asked}`;
    console.log(JSON.stringify(await api.get(`${path}?format=json`), null, 2));
    return;
  }
  const folder = resolve(values.out ?? `.millrace/pages/${stage.name}`);
  const { file, modelCount } = await writePages(api, folder, asked);
  console.log(`${modelCount === 1 ? '1 model' : `${modelCount} models`}: open ${file} in a browser`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
