import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { runPlatformCommand } from './platform-command.ts';
import { readModelName, readModelVersion } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace rollback MODEL[@VERSION] --reason TEXT [--json]
  ${STAGE_USAGE}

Gives a model's traffic back within seconds, where a plan divides it (deployment.router exact): without a version, what
is being tried loses its traffic and the champion keeps it; with one, that version becomes the champion.`;

interface Plan {
  readonly champion: number;
}

await runPlatformCommand({
  usage: USAGE,
  prepare: ({ words, reason }) => {
    const [word = ''] = words;
    const { model, version } = word.includes('@')
      ? readModelVersion(words)
      : { model: readModelName(words), version: undefined };
    if (reason === undefined) throw new InvalidRequestError('--reason is required: it stands in the audit log');
    return async (api) => {
      const body = { reason, ...(version === undefined ? {} : { version }) };
      const answer = (await api.post(`/models/${model}/rollback`, body)) as Plan;
      return { answer, told: `version ${answer.champion} of ${model} has all of its traffic` };
    };
  },
});
