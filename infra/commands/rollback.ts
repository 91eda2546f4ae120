import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { runPlatformCommand } from './platform-command.ts';
import { readModelName, readModelVersion } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace rollback MODEL[@VERSION] --reason TEXT [--json]
  ${STAGE_USAGE}

Gives a model's traffic back within seconds. A canary that runs loses its traffic, and its rollout is over. Without one,
the version before serves again, once: what the newest rollout replaced. With a version, that one serves again, if its
function is still published; millrace status MODEL says what has the traffic. A lambda's versions are kept, the newest
five and whatever served last; a model on ECS keeps no tasks of the version before.`;

interface Answer {
  readonly champion?: number;
  readonly underWay?: boolean;
}

const tell = (model: string, { champion, underWay }: Answer): string => {
  if (underWay)
    return `traffic of ${model} goes back within minutes, not at once as usual; see: millrace status ${model}`;
  if (champion === undefined) return `no version of ${model} is in service: its first was being tried`;
  return `version ${champion} of ${model} has all of its traffic`;
};

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
      const answer = (await api.post(`/models/${model}/rollback`, body)) as Answer;
      return { answer, told: tell(model, answer) };
    };
  },
});
