import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { runPlatformCommand } from './platform-command.ts';
import { readModelVersion } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace rollout MODEL@VERSION --reason TEXT [--json]
  ${STAGE_USAGE}

Starts another canary of an approved version, which an approval does only once: one that was rolled back, or one to go
back to whose function is no longer published. It waits while another rollout of the model runs.`;

await runPlatformCommand({
  usage: USAGE,
  prepare: ({ words, reason }) => {
    const { model, version } = readModelVersion(words);
    if (reason === undefined) throw new InvalidRequestError('--reason is required: it stands in the audit log');
    return async (api) => {
      const answer = await api.post(`/models/${model}/rollouts`, { version, reason });
      return { answer, told: `a canary of ${model}@${version} follows; see: millrace status ${model}` };
    };
  },
});
