import { runPlatformCommand } from './platform-command.ts';
import { readModelVersion } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace approve MODEL@VERSION [--reject] [--reason TEXT] [--json]
  ${STAGE_USAGE}

Approves a version that waits for a person, or rejects it. Whoever asked for the version cannot approve it, and the
definition's rules say how many must. An approved version is rolled out by its canary.`;

interface Decided {
  readonly status: string;
}

await runPlatformCommand({
  usage: USAGE,
  flags: ['reject'],
  prepare: ({ words, reason, flags }) => {
    const { model, version } = readModelVersion(words);
    const verb = flags.reject ? 'reject' : 'approve';
    return async (api) => {
      const path = `/models/${model}/versions/${version}/${verb}`;
      const answer = (await api.post(path, reason === undefined ? {} : { reason })) as Decided;
      const next =
        answer.status === 'APPROVED'
          ? `its canary follows: millrace status ${model}`
          : answer.status === 'REJECTED'
            ? 'it will not be rolled out'
            : 'others must approve it too';
      return { answer, told: `${model}@${version} is ${answer.status}; ${next}` };
    };
  },
});
