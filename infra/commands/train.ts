import { runPlatformCommand } from './platform-command.ts';
import { readModelName } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace train MODEL [--reason TEXT] [--json]
  ${STAGE_USAGE}

Asks for a training run of a model. Its pipeline trains, evaluates, judges and registers a version; the definition's
approval rules decide what follows. millrace status MODEL shows how it goes.`;

await runPlatformCommand({
  usage: USAGE,
  prepare: ({ words, reason }) => {
    const model = readModelName(words);
    return async (api) => {
      const answer = await api.post(`/models/${model}/train`, { reason: reason ?? 'by hand' });
      return { answer, told: `training of ${model} is asked for; see: millrace status ${model}` };
    };
  },
});
