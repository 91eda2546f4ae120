import { carryOut, readCommandLine } from './command-line.ts';
import { fleetTable, modelLines } from './describe-status.ts';
import { openPlatform } from './open-platform.ts';
import { alarmsOf, listModelNames, readModelStatus, readRingingAlarms } from './read-status.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace status [MODEL] [--json]
  ${STAGE_USAGE}

What the stage's models are doing: the version in service, a canary and its share of the traffic, what waits for a
person, the last training run, alarms that ring. With a model, why its last rollout and run ended as they did.`;

const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, json: flag, help: flag }, USAGE);

const main = async (): Promise<void> => {
  const asked = words.length === 0 ? undefined : readModelName(words);
  const { stage, access } = await readStage(values);
  const [api, ringing] = await Promise.all([openPlatform(stage.name, access), readRingingAlarms(stage.name, access)]);
  const models = await listModelNames(api);
  const read = (model: string) => readModelStatus(api, model, alarmsOf(model, models, ringing));
  if (asked !== undefined) {
    const status = await read(asked);
    console.log(values.json ? JSON.stringify(status, null, 2) : modelLines(status));
    return;
  }
  const all = await Promise.all(models.map(read));
  if (values.json) console.log(JSON.stringify(all, null, 2));
  else console.log(all.length === 0 ? `stage ${stage.name} has no models: add a folder to models/` : fleetTable(all));
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
