import { writeFileSync } from 'node:fs';
import { MlTestScoreSchema } from '../../shared/contracts/ml-test-score.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { renderMlTestScore } from '../../shared/core/ml-test-score/index.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { readDay, readModelName } from './read-subject.ts';
import { scoreLines } from './score-table.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace score MODEL [--day D] [--html FILE] [--json]
  ${STAGE_USAGE}

The ML Test Score of a model (Breck et al. 2017): 28 tests in four sections, each 0, half a point (done by hand and
documented) or a point (automated and recorded), by what the platform has on record; the least section counts. With
each test what it rests on and where that is, and what raises it, cheapest first. It is made once a day by the drift
check; --day tells an earlier one as it was stored. --html writes the page. What the platform has no record of:
millrace attest.`;

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, day: text, html: text, json: flag, help: flag }, USAGE);

const main = async (): Promise<void> => {
  const model = readModelName(words);
  const day = readDay(values.day);
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const query = day === undefined ? '' : `?day=${day}`;
  const score = parse(MlTestScoreSchema, await api.get(`/models/${model}/ml-test-score${query}`), 'the score');
  if (values.html !== undefined) writeFileSync(values.html, renderMlTestScore(score));
  if (values.json) console.log(JSON.stringify(score, null, 2));
  else console.log(values.html === undefined ? scoreLines(score) : `${values.html}: ${model} on ${score.day}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
